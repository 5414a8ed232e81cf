/* limits: what an entry, a request and a session may hold. WIRE.md and the tools state the same. */
#pragma once

enum {
    LIMIT_CONTENT_BYTES = 256 * 1024,
    LIMIT_TITLE_BYTES = 512,
    LIMIT_TITLE_DERIVED_BYTES = 120,
    LIMIT_KIND_BYTES = 32,
    LIMIT_PROJECT_BYTES = 128,
    LIMIT_NAME_BYTES = 64, /* author, tenant, client */
    LIMIT_SESSION_BYTES = 128,
    LIMIT_BRANCH_BYTES = 200,
    LIMIT_TAGS = 32,
    LIMIT_TAG_BYTES = 64,
    LIMIT_KINDS = 32, /* of a filter */
    LIMIT_QUERY_BYTES = 4096,
    LIMIT_VERSIONS = 64, /* earlier ones that an entry keeps */

    LIMIT_GET_IDS = 50,
    LIMIT_FORGET_IDS = 100,
    LIMIT_LIST = 200,
    LIMIT_SEARCH = 100,
    LIMIT_HISTORY = 100,
    LIMIT_PROJECTS = 1000,
    LIMIT_SCANNED = 20000, /* rows that one call looks at before it answers with a cursor */

    LIMIT_TASK_BYTES = 2000,
    LIMIT_SUMMARY_BYTES = 64 * 1024,
    LIMIT_STEPS = 50,
    LIMIT_STEP_BYTES = 500,
    LIMIT_FILES = 200,
    LIMIT_FILE_BYTES = 500,
    LIMIT_KEEPS = 32,
    LIMIT_KEEP_BYTES = 1024 * 1024, /* of all together */

    LIMIT_BRIEF_BYTES = 200 * 1000,
};
