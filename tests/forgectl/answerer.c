#include "tests/forgectl/answerer.h"

#include <arpa/inet.h>
#include <assert.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/memory.h"

enum { CONNECTIONS_MAX = 96, REQUESTS_MAX = 4096 };

struct connection {
    int fd;
    struct buffer in;
    struct buffer held; /* to be sent after the next answer */
};

struct answerer {
    answerer_handler *handler;
    void *argument;
    int listener;
    int stop_pipe[2];
    pthread_t thread;
    bool is_running;
    char url[64];
    struct connection connections[CONNECTIONS_MAX];
    size_t connection_count;
    struct answerer_request requests[REQUESTS_MAX];
    char *copies[REQUESTS_MAX];
    size_t request_count;
};

static void
drop(struct answerer *self, size_t index)
{
    struct connection *gone = &self->connections[index];
    (void)close(gone->fd);
    buffer_release(&gone->in);
    buffer_release(&gone->held);
    *gone = self->connections[--self->connection_count];
}

static void
send_all(int fd, struct buffer *bytes)
{
    size_t sent = 0;
    while (sent < bytes->length) {
        ssize_t size = send(fd, bytes->data + sent, bytes->length - sent, MSG_NOSIGNAL);
        if (size <= 0)
            break;
        sent += (size_t)size;
    }
    buffer_clear(bytes);
}

struct text
answerer_header(const struct answerer_request *request, const char *name)
{
    struct text rest = request->head;
    while (rest.length > 0) {
        const char *end = memmem(rest.data, rest.length, "\r\n", 2);
        size_t length = end != NULL ? (size_t)(end - rest.data) : rest.length;
        const char *colon = memchr(rest.data, ':', length);
        if (colon != NULL) {
            size_t name_length = (size_t)(colon - rest.data);
            if (text_equals_ignoring_case(text_from(rest.data, name_length), text_of(name)))
                return text_trim(text_from(colon + 1, length - name_length - 1));
        }
        size_t step = end != NULL ? length + 2 : length;
        rest = text_from(rest.data + step, rest.length - step);
    }
    return text_from(NULL, 0);
}

/* Bytes of the whole request at the front of `in`; 0 when it is not whole yet. */
static size_t
read_request(struct text in, struct answerer_request *request)
{
    const char *end = in.length > 0 ? memmem(in.data, in.length, "\r\n\r\n", 4) : NULL;
    if (end == NULL)
        return 0;
    request->head = text_from(in.data, (size_t)(end - in.data));
    const char *method_end = memchr(in.data, ' ', in.length);
    assert(method_end != NULL);
    request->method = text_from(in.data, (size_t)(method_end - in.data));
    const char *path = method_end + 1;
    const char *path_end = memchr(path, ' ', in.length - (size_t)(path - in.data));
    assert(path_end != NULL);
    request->path = text_from(path, (size_t)(path_end - path));
    int64_t length = 0;
    if (text_to_integer(answerer_header(request, "content-length"), 0, INT32_MAX, &length) !=
        STATUS_OK)
        length = 0;
    size_t head_size = request->head.length + 4;
    if (in.length < head_size + (size_t)length)
        return 0;
    request->body = text_from(in.data + head_size, (size_t)length);
    return head_size + (size_t)length;
}

static const struct answerer_request *
keep(struct answerer *self, struct text bytes)
{
    assert(self->request_count < REQUESTS_MAX);
    char *copy = text_copy(bytes);
    struct answerer_request *kept = &self->requests[self->request_count];
    size_t size = read_request(text_from(copy, bytes.length), kept);
    assert(size == bytes.length);
    self->copies[self->request_count++] = copy;
    return kept;
}

static void
send_held(struct answerer *self)
{
    for (size_t i = 0; i < self->connection_count; i++)
        if (self->connections[i].held.length > 0)
            send_all(self->connections[i].fd, &self->connections[i].held);
}

/* False when the connection is gone. */
static bool
serve(struct answerer *self, size_t index)
{
    struct connection *connection = &self->connections[index];
    ssize_t size = recv(connection->fd, buffer_reserve(&connection->in, 65536), 65536, 0);
    if (size <= 0) {
        drop(self, index);
        return false;
    }
    connection->in.length += (size_t)size;
    struct answerer_request request = {0};
    size_t whole = 0;
    while ((whole = read_request(buffer_text(&connection->in), &request)) > 0) {
        const struct answerer_request *kept = keep(self, text_from(connection->in.data, whole));
        buffer_drop(&connection->in, whole);
        struct buffer answer = {0};
        enum answerer_way way = self->handler(self->argument, kept, &answer);
        if (way == ANSWER_HOLD)
            buffer_add_text(&connection->held, buffer_text(&answer));
        else if (way == ANSWER_NOW || way == ANSWER_LAST)
            send_all(connection->fd, &answer);
        buffer_release(&answer);
        if (way == ANSWER_CLOSE || way == ANSWER_LAST) {
            drop(self, index);
            return false;
        }
        if (way == ANSWER_NOW)
            send_held(self);
    }
    return true;
}

static void *
run(void *argument)
{
    struct answerer *self = argument;
    for (;;) {
        struct pollfd polls[CONNECTIONS_MAX + 2] = {
            {self->stop_pipe[0], POLLIN, 0}, {self->listener, POLLIN, 0}};
        size_t count = self->connection_count;
        for (size_t i = 0; i < count; i++)
            polls[i + 2] = (struct pollfd){self->connections[i].fd, POLLIN, 0};
        if (poll(polls, (nfds_t)count + 2, -1) < 0)
            continue;
        if (polls[0].revents != 0)
            return NULL;
        /* From the last to the first, since dropping one moves the last to its place. */
        for (size_t i = count; i > 0; i--)
            if (polls[i + 1].revents != 0)
                (void)serve(self, i - 1);
        if (polls[1].revents != 0 && self->connection_count < CONNECTIONS_MAX) {
            int fd = accept(self->listener, NULL, NULL);
            if (fd >= 0)
                self->connections[self->connection_count++] = (struct connection){.fd = fd};
        }
    }
}

struct answerer *
answerer_start(answerer_handler *handler, void *argument)
{
    struct answerer *self = memory_new(sizeof(*self));
    self->handler = handler;
    self->argument = argument;
    self->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    int failed = self->listener < 0 ||
                 bind(self->listener, (struct sockaddr *)&address, sizeof(address)) != 0 ||
                 listen(self->listener, 128) != 0 ||
                 getsockname(self->listener, (struct sockaddr *)&address, &size) != 0 ||
                 pipe(self->stop_pipe) != 0;
    assert(!failed);
    (void)snprintf(self->url, sizeof(self->url), "http://127.0.0.1:%u", ntohs(address.sin_port));
    failed = pthread_create(&self->thread, NULL, run, self);
    assert(failed == 0);
    self->is_running = true;
    return self;
}

const char *
answerer_url(const struct answerer *self)
{
    return self->url;
}

void
answerer_stop(struct answerer *self)
{
    if (!self->is_running)
        return;
    self->is_running = false;
    ssize_t written = write(self->stop_pipe[1], "x", 1);
    assert(written == 1);
    (void)pthread_join(self->thread, NULL);
    while (self->connection_count > 0)
        drop(self, self->connection_count - 1);
    (void)close(self->listener);
    (void)close(self->stop_pipe[0]);
    (void)close(self->stop_pipe[1]);
}

size_t
answerer_count(const struct answerer *self)
{
    assert(!self->is_running);
    return self->request_count;
}

const struct answerer_request *
answerer_get(const struct answerer *self, size_t index)
{
    assert(!self->is_running && index < self->request_count);
    return &self->requests[index];
}

void
answerer_destroy(struct answerer **self_p)
{
    struct answerer *self = *self_p;
    if (self == NULL)
        return;
    *self_p = NULL;
    answerer_stop(self);
    for (size_t i = 0; i < self->request_count; i++)
        free(self->copies[i]);
    free(self);
}

void
answerer_write(struct buffer *answer, const char *status_line, const char *content_type,
    const char *headers, struct text body)
{
    buffer_format(answer, "HTTP/1.1 %s\r\nContent-Type: %s\r\n%sContent-Length: %zu\r\n\r\n",
        status_line, content_type, headers, body.length);
    buffer_add_text(answer, body);
}
