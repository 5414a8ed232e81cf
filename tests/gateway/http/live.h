/* live: a listener and its clients in one thread, for tests over loopback sockets with raw bytes.
 *
 * The loop is turned while a client waits, so nothing sleeps and nothing races. The handler does
 * what the path says: /echo gives the body back, /hold keeps the exchange until live_release,
 * /big?N gives N bytes, /livez and /readyz say ok, /close answers and closes the listener, all
 * others are 404.
 */
#pragma once

#include <stdatomic.h>

#include <uv.h>

#include "common/base/buffer.h"
#include "gateway/http/listener.h"

enum { HELD_MAX = 128 };

enum gone { NOT_GONE, GONE_RESET, GONE_HALF_CLOSED };

struct live;

struct held {
    struct live *live;
    struct http_exchange *exchange; /* NULL once released */
    enum gone gone;
};

struct live {
    uv_loop_t loop;
    struct http_listener_options options; /* to be changed before live_listen */
    struct http_listener *listener;
    struct metrics *metrics;
    atomic_long connections;
    unsigned handled; /* how often the handler was called */
    struct held held[HELD_MAX];
    unsigned held_count;
    bool is_closed;
};

struct client {
    struct live *live;
    struct buffer in;
    size_t answer_bytes; /* of the last answer, at the front of `in` */
    int fd;
    bool has_ended; /* the server has: in order, or by a reset */
    bool was_reset;
};

/* One answer; the texts point into the client's buffer until its next answer. */
struct answer {
    int status; /* 0: the connection ended before, or nothing came in time */
    struct text head;
    struct text body;
};

void live_init(struct live *self);
void live_listen(struct live *self);
void live_release(struct live *self, unsigned index);
/* For http_exchange_on_gone, with a struct held as its argument. */
void live_on_gone(void *argument, bool half_closed);
/* Begins to close; live->is_closed tells when it is done. */
void live_close(struct live *self);
void live_stop(struct live *self);
/* One turn of the loop; waits a millisecond at most. */
void live_turn(struct live *self);

void client_open(struct client *self, struct live *live);
/* receive_bytes: the size of the socket's receive buffer. */
void client_open_small(struct client *self, struct live *live, int receive_bytes);
void client_close(struct client *self);
/* False when the server did not take all of it. */
bool client_send(struct client *self, struct text bytes);
/* Takes the bytes that are there; turns the loop once when there are none. */
void client_take(struct client *self);
/* The next answer, whose request had the method HEAD or not. */
struct answer client_answer(struct client *self, bool is_head);
/* True when the server closed within five seconds; what came is in self->in. */
bool client_sees_close(struct client *self);
/* Turns until *value is `wanted`; false after five seconds. */
bool live_wait(struct live *self, const unsigned *value, unsigned wanted);
/* The value of a header of the answer; empty when it is absent. */
struct text answer_header(const struct answer *self, const char *name);
/* The sum of the series of this name whose labels contain the words. */
unsigned live_count(struct live *self, const char *name, const char *labels);
