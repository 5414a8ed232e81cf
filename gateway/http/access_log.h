/* access_log: who asked what, one line a request.
 *
 *   127.0.0.1 - local [2026-11-23T01:25:15.004Z] "POST /mcp HTTP/1.1" 200 612 "curl/7.88" rt=0.0042
 *   auth=OK sess=- req=7f3a… trace=-                                              (one line)
 *
 * The path stands without its query, which may hold what no log should. Anything from outside is
 * cut at 256 bytes and spelt \xNN where it is not plain.
 *
 * One object per loop, all on one file (O_APPEND, a write holds whole lines). Above the sampling
 * rate successful requests are thinned out; anything but 2xx is always there. Lines wait in a
 * buffer of at most 64 KiB and leave at the latest after a second.
 */
#pragma once

#include <stdint.h>

#include "common/base/problem.h"
#include "common/base/status.h"
#include "common/base/text.h"

struct access_log;

struct access_log_line {
    struct text address, principal, method, path, user_agent, session, request_id, trace;
    int version_minor; /* HTTP/1.x */
    int http_status;
    uint64_t bytes;
    int64_t took_us;
    const char *auth; /* a static word */
};

/* path NULL: nothing is written. per_second: lines for successful requests; 0: all of them. */
enum status access_log_create(const char *path, unsigned per_second, struct access_log **self_p,
    struct problem *problem) MUST_CHECK;
void access_log_add(struct access_log *self, const struct access_log_line *line);
/* Writes what waits; call once a second. */
void access_log_flush(struct access_log *self);
void access_log_reopen(struct access_log *self);
void access_log_destroy(struct access_log **self_p);
