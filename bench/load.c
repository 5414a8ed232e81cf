/* load: an HTTP/1.1 load generator for measurements, on loopback only.
 *
 *   load PORT PATH BODIES CONNECTIONS SECONDS [RATE]
 *
 * Posts the lines of the file BODIES in turn. Without RATE each connection sends as soon as it was
 * answered (closed loop); with RATE requests are due at fixed times (open loop), and a latency
 * counts from when a request was due, so a stall of the server is not hidden. Prints one JSON
 * object: requests, errors, seconds, rate, latencies in microseconds, and its own CPU per request.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/buffer.h"
#include "common/base/clock.h"
#include "common/base/memory.h"

enum { CONNECTIONS_MAX = 1024, ANSWER_MAX = 1 << 20, READ_MAX = 64 * 1024 };

struct connection {
    int fd;
    bool busy;
    int64_t due_us;
    struct buffer answer;
    size_t answer_end; /* 0: the head is not whole yet */
};

struct load {
    uint16_t port;
    const char *path;
    struct buffer *requests;
    size_t request_count, next_request;
    struct connection connections[CONNECTIONS_MAX];
    unsigned connection_count;
    double rate;
    int64_t start_us, end_us;
    uint64_t sent, errors;
    int64_t *latencies;
    size_t latency_count, latency_room;
    int epoll;
};

static void
fail(const char *what)
{
    perror(what);
    exit(EXIT_FAILURE);
}

static void
read_bodies(struct load *self, const char *file_name)
{
    FILE *file = fopen(file_name, "r");
    if (!file)
        fail(file_name);
    char *line = NULL;
    size_t room = 0;
    for (ssize_t length; (length = getline(&line, &room, file)) > 0;) {
        if (line[length - 1] == '\n')
            length--;
        self->requests =
            memory_resize(self->requests, (self->request_count + 1) * sizeof *self->requests);
        struct buffer *request = &self->requests[self->request_count++];
        *request = (struct buffer){0};
        buffer_format(request,
            "POST %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Type: application/json\r\n"
            "Content-Length: %zd\r\n\r\n",
            self->path, self->port, length);
        buffer_add(request, line, (size_t)length);
    }
    free(line);
    fclose(file);
    if (!self->request_count) {
        fprintf(stderr, "load: %s holds no bodies\n", file_name);
        exit(EXIT_FAILURE);
    }
}

static void
open_connection(struct load *self, unsigned index)
{
    struct connection *connection = &self->connections[index];
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(self->port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    connection->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connection->fd < 0 || connect(connection->fd, (struct sockaddr *)&address, sizeof address))
        fail("connect");
    int on = 1;
    setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct epoll_event event = {.events = EPOLLIN, .data = {.u32 = index}};
    epoll_ctl(self->epoll, EPOLL_CTL_ADD, connection->fd, &event);
}

static void
send_request(struct load *self, struct connection *connection, int64_t due_us)
{
    const struct buffer *request = &self->requests[self->next_request++ % self->request_count];
    connection->busy = true;
    connection->due_us = due_us;
    connection->answer_end = 0;
    buffer_clear(&connection->answer);
    for (size_t at = 0; at < request->length;) {
        ssize_t put = write(connection->fd, request->data + at, request->length - at);
        if (put < 0)
            fail("write");
        at += (size_t)put;
    }
    self->sent++;
}

static void
note_latency(struct load *self, int64_t latency_us)
{
    if (self->latency_count == self->latency_room) {
        self->latency_room = self->latency_room ? self->latency_room * 2 : 1 << 16;
        self->latencies =
            memory_resize(self->latencies, self->latency_room * sizeof *self->latencies);
    }
    self->latencies[self->latency_count++] = latency_us;
}

/* The end of the answer, once its head is whole; every answer has a Content-Length. */
static void
find_end(struct connection *connection)
{
    const char *text = buffer_string(&connection->answer);
    const char *head_end = strstr(text, "\r\n\r\n");
    const char *length = strcasestr(text, "\r\ncontent-length:");
    if (head_end && length && length < head_end)
        connection->answer_end = (size_t)(head_end + 4 - text) +
                                 strtoul(length + sizeof "\r\ncontent-length:" - 1, NULL, 10);
}

static void
receive(struct load *self, struct connection *connection)
{
    char *place = buffer_reserve(&connection->answer, READ_MAX);
    ssize_t got = read(connection->fd, place, READ_MAX);
    if (got <= 0 || connection->answer.length > ANSWER_MAX) {
        fprintf(stderr, "load: the server closed a connection\n");
        exit(EXIT_FAILURE);
    }
    connection->answer.length += (size_t)got;
    if (!connection->answer_end)
        find_end(connection);
    if (!connection->answer_end || connection->answer.length < connection->answer_end)
        return;
    connection->busy = false;
    const char *answer = buffer_string(&connection->answer);
    bool good = strncmp(answer, "HTTP/1.1 200 ", 13) == 0 && !strstr(answer, "\"isError\":true");
    self->errors += !good;
    note_latency(self, clock_monotonic_us() - connection->due_us);
}

/* Sends what is due on connections that are free; the time until the next is due, in ms. */
static int
send_due(struct load *self)
{
    int64_t now = clock_monotonic_us();
    if (now >= self->end_us)
        return 1;
    for (unsigned i = 0; i < self->connection_count; i++) {
        struct connection *connection = &self->connections[i];
        if (connection->busy)
            continue;
        int64_t due = self->rate > 0
                          ? self->start_us + (int64_t)((double)self->sent * 1e6 / self->rate)
                          : now;
        if (due > now)
            return due - now > 1000 ? (int)((due - now) / 1000) : 0;
        send_request(self, connection, due);
    }
    return 10;
}

static unsigned
busy_count(const struct load *self)
{
    unsigned count = 0;
    for (unsigned i = 0; i < self->connection_count; i++)
        count += self->connections[i].busy;
    return count;
}

static void
run(struct load *self)
{
    while (clock_monotonic_us() < self->end_us || busy_count(self)) {
        struct epoll_event events[64];
        int count = epoll_wait(self->epoll, events, 64, send_due(self));
        if (count < 0 && errno != EINTR)
            fail("epoll_wait");
        for (int i = 0; i < count; i++)
            receive(self, &self->connections[events[i].data.u32]);
    }
}

static int
compare(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a;
    int64_t right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

static void
report(struct load *self)
{
    qsort(self->latencies, self->latency_count, sizeof *self->latencies, compare);
    double seconds = (double)(clock_monotonic_us() - self->start_us) / 1e6;
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    double cpu_us = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 +
                    (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
    size_t count = self->latency_count;
    size_t last = count ? count - 1 : 0;
    int64_t none = 0;
    const int64_t *sorted = count ? self->latencies : &none;
    printf("{\"requests\":%zu,\"errors\":%llu,\"seconds\":%.3f,\"rate\":%.0f,\"p50_us\":%lld,"
           "\"p99_us\":%lld,\"p999_us\":%lld,\"max_us\":%lld,\"cpu_us\":%.2f}\n",
        count, (unsigned long long)self->errors, seconds, (double)count / seconds,
        (long long)sorted[last * 50 / 100], (long long)sorted[last * 99 / 100],
        (long long)sorted[last * 999 / 1000], (long long)sorted[last],
        count ? cpu_us / (double)count : 0);
}

int
main(int argc, char **argv)
{
    if (argc < 6) {
        fprintf(stderr, "usage: load PORT PATH BODIES CONNECTIONS SECONDS [RATE]\n");
        return EXIT_FAILURE;
    }
    static struct load self;
    self.port = (uint16_t)strtoul(argv[1], NULL, 10);
    self.path = argv[2];
    self.connection_count = (unsigned)strtoul(argv[4], NULL, 10);
    if (self.connection_count > CONNECTIONS_MAX)
        self.connection_count = CONNECTIONS_MAX;
    self.rate = argc > 6 ? strtod(argv[6], NULL) : 0;
    self.epoll = epoll_create1(EPOLL_CLOEXEC);
    read_bodies(&self, argv[3]);
    for (unsigned i = 0; i < self.connection_count; i++)
        open_connection(&self, i);
    self.start_us = clock_monotonic_us();
    self.end_us = self.start_us + (int64_t)(strtod(argv[5], NULL) * 1e6);
    run(&self);
    report(&self);
    return EXIT_SUCCESS;
}
