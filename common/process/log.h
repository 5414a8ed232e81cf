/* log: one line per event.
 *
 * Text:  2026-11-23T01:25:15.004Z INFO mcp_server Context store opened entries=4312
 * JSON:  {"ts":"…","level":"INFO","component":"mcp_server","msg":"Context store opened
 * entries=4312"} The message is one sentence of what happened, then key=value pairs; it never holds
 * a body or a secret. error: someone must act; warn: it healed itself; info: a life event; debug:
 * per request. Control characters in a message are escaped, lines are cut at 2 KiB. Any thread may
 * log; a line is one write. A failed write is counted and never stops the program.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/attributes.h"
#include "common/base/problem.h"
#include "common/base/status.h"

/* The long names keep clear of syslog.h, which czmq.h brings in. */
enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_ERROR };

/* Once, before threads start. component: the program's name (a literal). path: NULL for standard
 * error. The log is the one thing that is global: there is one per process. */
enum status log_open(const char *component, const char *path, enum log_level level, bool json,
    struct problem *problem) MUST_CHECK;
void log_close(void);

/* Opens the path again, after logrotate moved the file. */
void log_reopen(void);

void log_debug(const char *format, ...) PRINTF_LIKE(1, 2);
void log_info(const char *format, ...) PRINTF_LIKE(1, 2);
void log_warn(const char *format, ...) PRINTF_LIKE(1, 2);
void log_error(const char *format, ...) PRINTF_LIKE(1, 2);

/* Lines that could not be written since the start. */
uint64_t log_write_errors(void);

/* In this thread log lines name another component (an embedded service's); NULL: the program. */
void log_component(const char *component);
