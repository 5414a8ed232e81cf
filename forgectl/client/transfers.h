/* transfers: HTTP requests of one thread, any number at once, by libcurl.
 *
 * A transfer ends in exactly one call of on_done, from transfers_turn; a cancelled one ends
 * without. Connections are kept and shared. The proxy settings of the environment do not apply to
 * loopback addresses. Call curl_global_init once before the first.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/attributes.h"
#include "common/base/problem.h"
#include "common/base/status.h"
#include "common/base/text.h"

struct transfers;
struct transfer;

/* The largest answer that is kept; a longer one fails. */
enum { TRANSFER_ANSWER_MAX = 64 << 20 };

struct transfer_request {
    const char *method; /* "GET", "POST", "DELETE" */
    const char *url;
    const char *token; /* sent as a bearer token; NULL: none */
    /* "Name: value"; copied */
    const char *const *headers;
    size_t header_count;
    struct text body; /* borrowed until the end */
    /* Whole time allowed; for an event stream, the time until it begins. */
    int64_t timeout_ms;
};

struct transfer_answer {
    /* OK: an HTTP answer of any status is here. UNAVAILABLE: nobody answered. DEADLINE_EXCEEDED:
     * not in time. INVALID_ARGUMENT: no URL we can use. */
    enum status status;
    const char *problem; /* words when not OK, borrowed */
    long http_status;
    struct text body; /* borrowed; empty when it was streamed */
    bool was_streamed;
    bool was_sent; /* false: the request did not leave this machine, so it may be sent again */
};

struct transfer_hooks {
    /* Bytes of an answer of type text/event-stream as they arrive; NULL: collected as any other. */
    void (*on_stream)(void *argument, struct text bytes);
    void (*on_done)(
        void *argument, const struct transfer *transfer, const struct transfer_answer *answer);
    void *argument;
};

struct transfers *transfers_create(void);
/* Cancels what is pending. */
void transfers_destroy(struct transfers **self_p);

/* Starts one. The transfer is borrowed, and gone after on_done. */
struct transfer *transfers_start(struct transfers *self, const struct transfer_request *request,
    const struct transfer_hooks *hooks);
void transfers_cancel(struct transfers *self, struct transfer **transfer_p);

size_t transfers_pending(const struct transfers *self);

enum { TRANSFERS_FDS_MAX = 4 };

/* Moves all of them on; waits at most timeout_ms for something to happen, also for one of the
 * descriptors (at most TRANSFERS_FDS_MAX) to become readable. A signal does not end the wait. */
void transfers_turn(struct transfers *self, const int *fds, size_t fd_count, int timeout_ms);

/* In on_done: the value of an answer's header, or NULL; borrowed for the call. */
const char *transfer_header(const struct transfer *transfer, const char *name);
