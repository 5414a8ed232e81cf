/* answerer: a small HTTP/1.1 server of the test's own, on a loopback port.
 *
 * One thread serves all connections; for every whole request it asks the handler, in that thread.
 * Requests are kept until the answerer is stopped, and read by the test after that.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/base/buffer.h"
#include "common/base/text.h"

struct answerer;

struct answerer_request {
    struct text method;
    struct text path;
    struct text head; /* the whole head, for answerer_header */
    struct text body;
};

enum answerer_way {
    ANSWER_NOW,   /* send the bytes, keep the connection */
    ANSWER_HOLD,  /* send them after the next ANSWER_NOW */
    ANSWER_LAST,  /* send the bytes, then end the connection */
    ANSWER_CLOSE, /* end the connection without them */
};

/* Writes the whole HTTP answer into `answer`. */
typedef enum answerer_way answerer_handler(
    void *argument, const struct answerer_request *request, struct buffer *answer);

struct answerer *answerer_start(answerer_handler *handler, void *argument);

/* "http://127.0.0.1:PORT" */
const char *answerer_url(const struct answerer *self);

/* Ends the thread; what was received can be read now. */
void answerer_stop(struct answerer *self);
size_t answerer_count(const struct answerer *self);
const struct answerer_request *answerer_get(const struct answerer *self, size_t index);

void answerer_destroy(struct answerer **self_p);

/* A header's value, OWS trimmed; data NULL when it is not there. */
struct text answerer_header(const struct answerer_request *request, const char *name);

/* An answer with Content-Length. headers: further lines, each ending in CRLF, or "". */
void answerer_write(struct buffer *answer, const char *status_line, const char *content_type,
    const char *headers, struct text body);
