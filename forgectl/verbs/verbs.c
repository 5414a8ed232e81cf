#include "forgectl/verbs/verbs.h"

enum { MINUTE_MS = 60 * 1000, HOUR_MS = 60 * MINUTE_MS };

#define ROWS(rows) rows, sizeof(rows) / sizeof((rows)[0])
#define NO_ROWS    NULL, 0
#define SCOPES     "private|project|team"
#define LONG_WAIT                                                                                  \
    {                                                                                              \
        "timeout", 0, OPTION_TIME, "TIME", NULL, "10m", 1, 24LL * HOUR_MS,                         \
            "longest wait for an answer"                                                           \
    }

static const struct option_row status_options[] = {
    {"verbose", 'v', OPTION_FLAG, NULL, NULL, NULL, 0, 0, "every instance, not the sums alone"},
};

static const struct option_row save_options[] = {
    {"file", 'f', OPTION_TEXT, "FILE", NULL, NULL, 0, 0, "read the text from a file"},
    {"kind", 'k', OPTION_TEXT, "KIND", NULL, NULL, 0, 0,
        "note, decision, error, convention, snippet or a word of yours"},
    {"title", 't', OPTION_TEXT, "TITLE", NULL, NULL, 0, 0, "one line that names it"},
    {"tag", 0, OPTION_LIST, "TAG", NULL, NULL, 0, 0, "a tag; again for more"},
    {"project", 'p', OPTION_TEXT, "NAME", "FORGE_PROJECT", NULL, 0, 0, "the project it belongs to"},
    {"scope", 0, OPTION_CHOICE, SCOPES, NULL, NULL, 0, 0, "who may see it"},
    {"pin", 0, OPTION_FLAG, NULL, NULL, NULL, 0, 0, "never trimmed, first in briefings"},
    {"idempotency-key", 0, OPTION_TEXT, "KEY", NULL, NULL, 0, 0,
        "saving again under the same key changes nothing"},
};

static const struct option_row search_options[] = {
    {"project", 'p', OPTION_TEXT, "NAME", "FORGE_PROJECT", NULL, 0, 0, "only of this project"},
    {"kind", 'k', OPTION_LIST, "KIND", NULL, NULL, 0, 0, "only of this kind; again for more"},
    {"tag", 0, OPTION_LIST, "TAG", NULL, NULL, 0, 0, "only with this tag; again for more"},
    {"scope", 0, OPTION_CHOICE, SCOPES, NULL, NULL, 0, 0, "only of this scope"},
    {"since", 0, OPTION_TEXT, "WHEN", NULL, NULL, 0, 0,
        "not older: 2026-11-01, 2026-11-01T08:00:00Z or an age such as 7d"},
    {"limit", 'n', OPTION_INTEGER, "NUMBER", NULL, NULL, 1, 100, "at most so many"},
    {"min-score", 0, OPTION_RATIO, "RATIO", NULL, NULL, 0, 0, "only this good, from 0 to 1"},
};

static const struct option_row list_options[] = {
    {"project", 'p', OPTION_TEXT, "NAME", "FORGE_PROJECT", NULL, 0, 0, "only of this project"},
    {"kind", 'k', OPTION_LIST, "KIND", NULL, NULL, 0, 0, "only of this kind; again for more"},
    {"tag", 0, OPTION_LIST, "TAG", NULL, NULL, 0, 0, "only with this tag; again for more"},
    {"scope", 0, OPTION_CHOICE, SCOPES, NULL, NULL, 0, 0, "only of this scope"},
    {"since", 0, OPTION_TEXT, "WHEN", NULL, NULL, 0, 0,
        "not older: 2026-11-01, 2026-11-01T08:00:00Z or an age such as 7d"},
    {"limit", 'n', OPTION_INTEGER, "NUMBER", NULL, NULL, 1, 200, "at most so many on a page"},
    {"cursor", 0, OPTION_TEXT, "CURSOR", NULL, NULL, 0, 0, "the page that begins here"},
};

static const struct option_row import_options[] = {
    {"format", 0, OPTION_CHOICE, "auto|jsonl|markdown|memory", NULL, "auto", 0, 0,
        "what PATH holds; memory is the official memory server's file"},
    {"project", 'p', OPTION_TEXT, "NAME", "FORGE_PROJECT", NULL, 0, 0,
        "the project of entries that name none"},
    {"scope", 0, OPTION_CHOICE, SCOPES, NULL, NULL, 0, 0, "the scope of entries that name none"},
    {"kind", 'k', OPTION_TEXT, "KIND", NULL, NULL, 0, 0, "the kind of entries that name none"},
    {"tag", 0, OPTION_LIST, "TAG", NULL, NULL, 0, 0, "a tag for all of them; again for more"},
    {"parallel", 0, OPTION_INTEGER, "NUMBER", NULL, "16", 1, 64, "saves on their way at once"},
    {"dry-run", 0, OPTION_FLAG, NULL, NULL, NULL, 0, 0, "read and check all, save nothing"},
    {"timeout", 0, OPTION_TIME, "TIME", NULL, "60s", 1, HOUR_MS, "longest wait for one answer"},
};

static const struct option_row backup_run_options[] = {
    {"note", 0, OPTION_TEXT, "TEXT", NULL, NULL, 0, 0, "why it was made"},
    LONG_WAIT,
};

static const struct option_row backup_list_options[] = {
    {"limit", 'n', OPTION_INTEGER, "NUMBER", NULL, NULL, 1, 1000, "at most so many"},
};

static const struct option_row stdio_options[] = {
    {"url", 0, OPTION_TEXT, "URL", "FORGE_MCP_URL", "http://127.0.0.1:8051/mcp", 0, 0,
        "the gateway's MCP endpoint"},
    {"timeout", 0, OPTION_TIME, "TIME", NULL, "120s", 1, HOUR_MS, "longest wait for one answer"},
};

static const struct option_row connect_options[] = {
    {"url", 0, OPTION_TEXT, "URL", "FORGE_MCP_URL", "http://127.0.0.1:8051/mcp", 0, 0,
        "the gateway's MCP endpoint"},
    {"project-dir", 0, OPTION_TEXT, "DIR", NULL, ".", 0, 0, "the project to configure"},
    {"user", 0, OPTION_FLAG, NULL, NULL, NULL, 0, 0, "for all projects of yours"},
    {"name", 0, OPTION_TEXT, "NAME", NULL, "context-forge", 0, 0, "the server's name in the file"},
    {"stdio", 0, OPTION_FLAG, NULL, NULL, NULL, 0, 0, "by 'forgectl mcp stdio' in place of HTTP"},
    {"print", 0, OPTION_FLAG, NULL, NULL, NULL, 0, 0, "show the file, write nothing"},
};

static const struct option_row long_options[] = {LONG_WAIT};

static const struct verb verbs[] = {
    {"status", "", "what the cluster is and does", NULL, ROWS(status_options), 0, 0, verb_status},
    {"health", "", "is it well? exit code 0 yes, 1 no, 69 no answer", NULL, NO_ROWS, 0, 0,
        verb_health},
    {"context save", "[TEXT]", "store one entry, durable when it answers",
        "Without TEXT and --file the text is read from standard input. Prints the id, and "
        "created,\n"
        "merged or unchanged.",
        ROWS(save_options), 0, 1, verb_context_save},
    {"context search", "QUERY...", "find entries by words and meaning, best first", NULL,
        ROWS(search_options), 1, 64, verb_context_search},
    {"context get", "ID...", "print the text of entries", NULL, NO_ROWS, 1, 50, verb_context_get},
    {"context list", "", "browse entries, newest first", NULL, ROWS(list_options), 0, 0,
        verb_context_list},
    {"context import", "PATH", "store what a file or a folder holds; again changes nothing",
        "PATH is a JSONL file (objects with content or text, and title, kind, tags, project,\n"
        "created_at), a folder of Markdown files, the JSONL file of the official memory server,\n"
        "or - for JSONL on standard input. Lines that cannot be used are told and counted; the\n"
        "rest goes on, and the exit code is 3.",
        ROWS(import_options), 1, 1, verb_context_import},
    {"backup run", "", "back up now", NULL, ROWS(backup_run_options), 0, 0, verb_backup_run},
    {"backup list", "", "the backups that there are, newest first", NULL, ROWS(backup_list_options),
        0, 0, verb_backup_list},
    {"backup verify", "[ID]", "read a backup whole and compare; the newest without ID",
        "Exit code 8 when it is damaged.", ROWS(long_options), 0, 1, verb_backup_verify},
    {"backup restore", "ID", "bring a backup into empty stores",
        "Verifies the backup first. Asks for the id to be typed, or needs --yes.",
        ROWS(long_options), 1, 1, verb_backup_restore},
    {"connect", "claude|vscode|cursor", "let an assistant find the gateway",
        "Adds the server to the client's configuration file (.mcp.json, .vscode/mcp.json,\n"
        ".cursor/mcp.json) and keeps all else in it. With --token-file the file names the token's\n"
        "variable, never the token.",
        ROWS(connect_options), 1, 1, verb_connect},
    {"mcp stdio", "", "speak MCP on standard input and output, for clients without HTTP",
        "Each line is sent to the gateway, each answer printed as a line. Ends when the input "
        "ends\n"
        "and all is answered, or when the program that started it ends.",
        ROWS(stdio_options), 0, 0, verb_mcp_stdio},
    {"version", "", "the version of forgectl", NULL, NO_ROWS, 0, 0, verb_version},
    {"help", "[VERB]", "tell about a verb, or list all", NULL, NO_ROWS, 0, 2, verb_help},
};

const struct verb *
verbs_table(size_t *count)
{
    *count = sizeof(verbs) / sizeof(verbs[0]);
    return verbs;
}
