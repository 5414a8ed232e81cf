/* limits: the largest values that the tools take. Every length is in UTF-8 bytes.
 *
 * The gateway refuses what is larger with words that name the limit; the services hold the same
 * limits again, since the gateway is not their only caller.
 */
#pragma once

enum {
    LIMIT_CONTENT_BYTES = 256 * 1024,
    LIMIT_TITLE_BYTES = 512,
    LIMIT_KIND_BYTES = 32, /* a letter, then letters, digits, '_' and '-'; kept in lower case */
    LIMIT_KINDS = 16,
    LIMIT_TAG_BYTES = 64,
    LIMIT_TAGS = 32,
    LIMIT_PROJECT_BYTES = 128,
    LIMIT_BRANCH_BYTES = 200,
    LIMIT_NAME_BYTES = 64, /* authors, clients, hosts */
    LIMIT_QUERY_BYTES = 4 * 1024,
    LIMIT_TASK_BYTES = 2000,
    LIMIT_IDS = 50,
    LIMIT_TTL_DAYS = 3650,

    LIMIT_HANDLE_BYTES = 64,
    LIMIT_SUMMARY_BYTES = 64 * 1024,
    LIMIT_STEPS = 50,
    LIMIT_STEP_BYTES = 500,
    LIMIT_FILES = 200,
    LIMIT_FILE_BYTES = 500,
    LIMIT_KEEP = 20,
    LIMIT_KEEP_BYTES = 16 * 1024,
    LIMIT_BRIEF_BYTES = 200 * 1000,

    LIMIT_LIST = 200,
    LIMIT_SEARCH = 100,
    LIMIT_SESSIONS = 200,
    LIMIT_BACKUPS = 1000,
    LIMIT_POINTS = 2000,
    LIMIT_METRIC_BYTES = 128,
    LIMIT_BACKUP_ID_BYTES = 64,
    LIMIT_NOTE_BYTES = 512,
    LIMIT_CURSOR_BYTES = 512,       /* a service's own */
    LIMIT_CURSOR_TEXT_BYTES = 1024, /* as the tools show it */
    LIMIT_IDEMPOTENCY_KEY_BYTES = 255,

    LIMIT_MIN_TOKENS = 50,
    LIMIT_MAX_TOKENS = 100000,
};
