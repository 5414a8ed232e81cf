/* config: every setting of a program, from one table.
 *
 * A setting has one row: YAML key ("store.cache_mb"), environment variable, flag, type, default,
 * range, help. Flags win over environment, environment over the YAML file, the file over the
 * default. Unknown flags and keys are errors that name the nearest known one; a value outside its
 * range is an error that names the range (with CONFIG_CLAMPED it is clamped and logged instead).
 * --help, --check-config, the docs' table and every message come from the rows.
 *
 * An empty environment variable, and a YAML key without a value, count as not set. The YAML file
 * may serve several programs: what stands under a top-level key that is a program's name
 * ("context-svc:") is for that program alone and wins over the same key outside; the other
 * programs skip it. Nested keys and dotted ones are the same ("log: {level: warn}", "log.level:
 * warn"). Anchors and a second document are refused, and so is a key that stands twice.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/attributes.h"
#include "common/base/problem.h"
#include "common/base/status.h"

enum config_type { CONFIG_TEXT, CONFIG_INTEGER, CONFIG_BOOLEAN, CONFIG_CHOICE, CONFIG_LIST };

enum { CONFIG_CLAMPED = 1, CONFIG_SECRET = 2 };

struct config_field {        /* NOLINT(clang-analyzer-optin.performance.Padding): rows read so */
    const char *key;         /* "listen.port"; the name used in code too */
    const char *environment; /* "FORGE_PORT"; NULL: none */
    /* "--port"; a boolean's flag takes no value, and "--no-…" unsets it; NULL (for secrets, which
     * ps would show): none */
    const char *flag;
    enum config_type type;
    const char *initial; /* default as text; may hold ${data_dir} and ${HOME} */
    int64_t min, max;    /* CONFIG_INTEGER; both 0: any */
    const char *choices; /* CONFIG_CHOICE: "text|json" */
    unsigned traits;
    const char *help; /* one line, with the unit */
};

struct config;

/* Reads flags (argv[1] and on; argv[0] names the program and its section of the file), environment
 * and, with --config FILE or FORGE_CONFIG, the YAML file. The problem says what to change:
 * INVALID_ARGUMENT on the command line, FAILED_PRECONDITION in the environment or the file. */
enum status config_read(const struct config_field *fields, size_t count, int argc, char **argv,
    struct config **self_p, struct problem *problem) MUST_CHECK;
void config_destroy(struct config **self_p);

/* One warning a value that was clamped to its range. After log_open. */
void config_log_clamped(const struct config *self);

/* By key; asking for a key without a row is our mistake and asserts. Borrowed until destroy. */
const char *config_text(const struct config *self, const char *key);
int64_t config_integer(const struct config *self, const char *key);
bool config_boolean(const struct config *self, const char *key);
/* CONFIG_LIST: comma-separated in flag and environment, a sequence in YAML. */
size_t config_list(const struct config *self, const char *key, const char *const **items);
/* "flag", "environment", "file" or "default". */
const char *config_source(const struct config *self, const char *key);

/* --help's body: one paragraph a row. Also the docs' table with markdown set. */
void config_print_help(const struct config_field *fields, size_t count, bool markdown);
/* --check-config's body: key, value, source; secrets masked. */
void config_print(const struct config *self);
