#include "tests/gateway/http/live.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/clock.h"

enum { PATIENCE_MS = 5000, TAKE_BYTES = 65536 };

void
live_on_gone(void *argument, bool half_closed)
{
    struct held *held = argument;
    held->gone = half_closed ? GONE_HALF_CLOSED : GONE_RESET;
}

static void
hold(struct live *self, struct http_exchange *exchange)
{
    assert(self->held_count < HELD_MAX);
    struct held *held = &self->held[self->held_count++];
    *held = (struct held){.live = self, .exchange = exchange};
    http_exchange_on_gone(exchange, live_on_gone, held);
}

static void
send_many(struct http_exchange *exchange)
{
    int64_t size = 0;
    enum status status = text_to_integer(http_exchange_query(exchange), 0, 64 << 20, &size);
    assert(status == STATUS_OK);
    for (int64_t i = 0; i < size; i++)
        buffer_add_byte(http_exchange_out(exchange), (char)('a' + i % 23));
    http_exchange_send(exchange, 200, "text/plain");
}

static void
on_listener_closed(void *argument)
{
    struct live *self = argument;
    self->is_closed = true;
}

static void
handle(void *argument, struct http_exchange *exchange)
{
    struct live *self = argument;
    struct text path = http_exchange_path(exchange);
    self->handled++;
    if (text_is(path, "/echo")) {
        buffer_add_text(http_exchange_out(exchange), http_exchange_body(exchange));
        http_exchange_send(exchange, 200, "text/plain");
    } else if (text_is(path, "/hold")) {
        hold(self, exchange);
    } else if (text_is(path, "/big")) {
        send_many(exchange);
    } else if (text_is(path, "/livez") || text_is(path, "/readyz")) {
        buffer_add_text(http_exchange_out(exchange), TEXT("ok"));
        http_exchange_send(exchange, 200, "text/plain");
    } else if (text_is(path, "/close")) {
        live_close(self);
        http_exchange_send(exchange, 204, NULL);
    } else {
        http_exchange_fail(exchange, 404, "There is nothing at %.*s.", TEXT_FORMAT(path));
    }
}

void
live_init(struct live *self)
{
    *self = (struct live){0};
    (void)signal(SIGPIPE, SIG_IGN); /* as program_run does */
    int error = uv_loop_init(&self->loop);
    assert(!error);
    self->metrics = metrics_create();
    self->options = (struct http_listener_options){.loop = &self->loop,
        .address = "127.0.0.1",
        .handler = handle,
        .argument = self,
        .metrics = self->metrics,
        .connections = &self->connections};
}

void
live_listen(struct live *self)
{
    struct problem problem = {""};
    enum status status = http_listener_create(&self->options, &self->listener, &problem);
    if (status) {
        fprintf(stderr, "%s\n", problem.text);
        abort();
    }
}

void
live_release(struct live *self, unsigned index)
{
    struct http_exchange *exchange = TAKE(self->held[index].exchange);
    buffer_add_text(http_exchange_out(exchange), TEXT("released"));
    http_exchange_send(exchange, 200, "text/plain");
}

void
live_turn(struct live *self)
{
    struct pollfd ready = {.fd = uv_backend_fd(&self->loop), .events = POLLIN};
    if (!uv_run(&self->loop, UV_RUN_NOWAIT))
        return;
    poll(&ready, 1, 1);
    uv_run(&self->loop, UV_RUN_NOWAIT);
}

void
live_close(struct live *self)
{
    if (self->listener)
        http_listener_close(TAKE(self->listener), on_listener_closed, self);
}

void
live_stop(struct live *self)
{
    live_close(self);
    for (unsigned i = 0; i < self->held_count; i++)
        if (self->held[i].exchange)
            live_release(self, i);
    int64_t deadline_ms = clock_monotonic_ms() + PATIENCE_MS;
    while (!self->is_closed && clock_monotonic_ms() < deadline_ms)
        live_turn(self);
    assert(self->is_closed && atomic_load(&self->connections) == 0);
    uv_run(&self->loop, UV_RUN_NOWAIT);
    int error = uv_loop_close(&self->loop);
    assert(!error);
    metrics_destroy(&self->metrics);
}

bool
live_wait(struct live *self, const unsigned *value, unsigned wanted)
{
    int64_t deadline_ms = clock_monotonic_ms() + PATIENCE_MS;
    while (*value != wanted && clock_monotonic_ms() < deadline_ms)
        live_turn(self);
    return *value == wanted;
}

void
client_open(struct client *self, struct live *live)
{
    client_open_small(self, live, 0);
}

void
client_open_small(struct client *self, struct live *live, int receive_bytes)
{
    *self = (struct client){.live = live};
    self->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert(self->fd >= 0);
    if (receive_bytes)
        setsockopt(self->fd, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof receive_bytes);
    struct sockaddr_in address = {.sin_family = AF_INET,
        .sin_port = htons(http_listener_port(live->listener)),
        .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int error = connect(self->fd, (struct sockaddr *)&address, sizeof address);
    assert(!error);
}

void
client_close(struct client *self)
{
    close(self->fd);
    buffer_release(&self->in);
}

bool
client_send(struct client *self, struct text bytes)
{
    int64_t deadline_ms = clock_monotonic_ms() + PATIENCE_MS;
    while (bytes.length && clock_monotonic_ms() < deadline_ms) {
        ssize_t count = send(self->fd, bytes.data, bytes.length, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (count < 0 && errno != EAGAIN)
            return false;
        if (count > 0) {
            bytes.data += count;
            bytes.length -= (size_t)count;
        }
        live_turn(self->live);
    }
    return !bytes.length;
}

void
client_take(struct client *self)
{
    char *to = buffer_reserve(&self->in, TAKE_BYTES);
    ssize_t count = recv(self->fd, to, TAKE_BYTES, MSG_DONTWAIT);
    if (count > 0) {
        self->in.length += (size_t)count;
        return;
    }
    if (count < 0 && errno == EAGAIN) {
        live_turn(self->live);
        return;
    }
    self->has_ended = true;
    self->was_reset = count < 0;
}

bool
client_sees_close(struct client *self)
{
    int64_t deadline_ms = clock_monotonic_ms() + PATIENCE_MS;
    while (!self->has_ended && clock_monotonic_ms() < deadline_ms)
        client_take(self);
    return self->has_ended;
}

struct text
answer_header(const struct answer *self, const char *name)
{
    struct text left = self->head;
    while (left.length) {
        const char *end = memmem(left.data, left.length, "\r\n", 2);
        struct text line = text_from(left.data, (size_t)(end - left.data));
        const char *colon = line.length ? memchr(line.data, ':', line.length) : NULL;
        if (colon && text_equals_ignoring_case(
                         text_from(line.data, (size_t)(colon - line.data)), text_of(name)))
            return text_trim(text_from(colon + 1, (size_t)(line.data + line.length - colon - 1)));
        left = text_from(end + 2, left.length - line.length - 2);
    }
    return (struct text){0};
}

/* True when an answer is whole at the front of the buffer. */
static bool
find_answer(const struct client *self, bool is_head, struct answer *answer)
{
    const char *end =
        self->in.length ? memmem(self->in.data, self->in.length, "\r\n\r\n", 4) : NULL;
    if (!end || self->in.length < 12)
        return false;
    size_t head_length = (size_t)(end - self->in.data) + 2;
    int64_t status = 0;
    int64_t body = 0;
    answer->head = text_from(self->in.data, head_length);
    struct text length = answer_header(answer, "content-length");
    if (text_to_integer(text_from(self->in.data + 9, 3), 100, 599, &status) ||
        (length.length && text_to_integer(length, 0, INT64_MAX, &body)))
        return false;
    if (is_head)
        body = 0;
    if (self->in.length < head_length + 2 + (size_t)body)
        return false;
    answer->status = (int)status;
    answer->body = text_from(self->in.data + head_length + 2, (size_t)body);
    return true;
}

struct answer
client_answer(struct client *self, bool is_head)
{
    struct answer answer = {0};
    int64_t deadline_ms = clock_monotonic_ms() + PATIENCE_MS;
    buffer_drop(&self->in, self->answer_bytes);
    self->answer_bytes = 0;
    while (!find_answer(self, is_head, &answer)) {
        if (self->has_ended || clock_monotonic_ms() > deadline_ms)
            return (struct answer){0};
        client_take(self);
    }
    self->answer_bytes = answer.head.length + 2 + answer.body.length;
    return answer;
}

struct counting {
    const char *name;
    const char *labels;
    double sum;
};

static void
count_sample(void *argument, const struct metrics_sample *sample)
{
    struct counting *counting = argument;
    double value = sample->type == METRICS_HISTOGRAM ? (double)sample->count : sample->value;
    if (strcmp(sample->name, counting->name) == 0 && strstr(sample->labels, counting->labels))
        counting->sum += value;
}

unsigned
live_count(struct live *self, const char *name, const char *labels)
{
    struct counting counting = {.name = name, .labels = labels};
    metrics_collect(self->metrics, count_sample, &counting);
    return (unsigned)counting.sum;
}
