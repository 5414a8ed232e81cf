#include "gateway/http/access_log.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/buffer.h"
#include "common/base/clock.h"
#include "common/base/memory.h"
#include "common/process/log.h"

/* A line is at most seven fields of FIELD_BYTES that were all escaped, so 64 KiB hold one more. */
enum { FLUSH_BYTES = 56 * 1024, FIELD_BYTES = 256 };
/* "2026-11-23T01:25:15." */
enum { SECOND_TEXT = 20 };

struct access_log {
    char *path; /* NULL: nothing is written */
    int fd;
    unsigned per_second;
    unsigned written; /* successful requests of this second */
    int64_t second;   /* the wall clock's, that `stamp` and `written` are of */
    char stamp[CLOCK_TEXT_SIZE];
    bool is_failing; /* the last write failed, and that was logged */
    struct buffer lines;
};

static int
open_file(const char *path)
{
    return open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
}

enum status
access_log_create(
    const char *path, unsigned per_second, struct access_log **self_p, struct problem *problem)
{
    CLEANUP(access_log_destroy) struct access_log *self = memory_new(sizeof *self);
    self->fd = -1;
    self->per_second = per_second;
    if (path) {
        self->path = text_copy(text_of(path));
        self->fd = open_file(path);
        if (self->fd < 0) {
            problem_set(problem, "cannot open the access log %s: %s", path, strerror(errno));
            return STATUS_UNAVAILABLE;
        }
    }
    *self_p = TAKE(self);
    return STATUS_OK;
}

static void
add_number(struct buffer *out, uint64_t number, unsigned width)
{
    char digits[20];
    char *at = digits + sizeof digits;
    for (unsigned count = 0; number || count < width; count++) {
        *--at = (char)('0' + number % 10);
        number /= 10;
    }
    buffer_add(out, at, (size_t)(digits + sizeof digits - at));
}

/* Quotes, backslashes and what is not printable ASCII are spelt \xNN, so that a line stays a line.
 * A space may stand only inside quotes. */
static void
add_field(struct buffer *out, struct text text, bool is_quoted)
{
    static const char digits[] = "0123456789abcdef";
    if (!text.length)
        buffer_add_byte(out, '-');
    for (size_t i = 0; i < text.length && i < FIELD_BYTES; i++) {
        unsigned char byte = (unsigned char)text.data[i];
        bool is_plain = byte > 0x20 && byte < 0x7F && byte != '"' && byte != '\\';
        if (is_plain || (byte == ' ' && is_quoted)) {
            buffer_add_byte(out, (char)byte);
            continue;
        }
        const char escape[] = {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
        buffer_add(out, escape, sizeof escape);
    }
}

/* True when the line of a successful request is one too many in this second. */
static bool
is_thinned(struct access_log *self, int http_status)
{
    if (http_status / 100 != 2 || !self->per_second)
        return false;
    return ++self->written > self->per_second;
}

static void
set_time(struct access_log *self, int64_t now_ms)
{
    int64_t second = now_ms / 1000;
    if (second != self->second) {
        self->second = second;
        self->written = 0;
        clock_format(now_ms, self->stamp);
    }
}

static void
add_request(struct buffer *out, const struct access_log_line *line)
{
    buffer_add_text(out, TEXT("] \""));
    add_field(out, line->method, true);
    buffer_add_byte(out, ' ');
    add_field(out, line->path, true);
    buffer_add_text(out, line->version_minor ? TEXT(" HTTP/1.1\" ") : TEXT(" HTTP/1.0\" "));
    add_number(out, (uint64_t)line->http_status, 1);
    buffer_add_byte(out, ' ');
    add_number(out, line->bytes, 1);
    buffer_add_text(out, TEXT(" \""));
    add_field(out, line->user_agent, true);
    uint64_t tenths_of_ms = ((uint64_t)line->took_us + 50) / 100;
    buffer_add_text(out, TEXT("\" rt="));
    add_number(out, tenths_of_ms / 10000, 1);
    buffer_add_byte(out, '.');
    add_number(out, tenths_of_ms % 10000, 4);
}

void
access_log_add(struct access_log *self, const struct access_log_line *line)
{
    struct buffer *out = &self->lines;
    if (self->fd < 0)
        return;
    int64_t now_ms = clock_wall_ms();
    set_time(self, now_ms);
    if (is_thinned(self, line->http_status))
        return;
    add_field(out, line->address, false);
    buffer_add_text(out, TEXT(" - "));
    add_field(out, line->principal, false);
    buffer_add_text(out, TEXT(" ["));
    buffer_add(out, self->stamp, SECOND_TEXT);
    add_number(out, (uint64_t)(now_ms % 1000), 3);
    buffer_add_byte(out, 'Z');
    add_request(out, line);
    buffer_add_text(out, TEXT(" auth="));
    add_field(out, text_of(line->auth), false);
    buffer_add_text(out, TEXT(" sess="));
    add_field(out, line->session, false);
    buffer_add_text(out, TEXT(" req="));
    add_field(out, line->request_id, false);
    buffer_add_text(out, TEXT(" trace="));
    add_field(out, line->trace, false);
    buffer_add_byte(out, '\n');
    if (out->length > FLUSH_BYTES)
        access_log_flush(self);
}

void
access_log_flush(struct access_log *self)
{
    size_t done = 0;
    while (done < self->lines.length) {
        ssize_t count = write(self->fd, self->lines.data + done, self->lines.length - done);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            break;
        done += (size_t)count;
    }
    bool failed = done < self->lines.length;
    if (failed && !self->is_failing)
        log_warn("Access log lines are lost path=%s reason=%s", self->path, strerror(errno));
    self->is_failing = failed;
    buffer_clear(&self->lines);
}

void
access_log_reopen(struct access_log *self)
{
    if (!self->path)
        return;
    access_log_flush(self);
    int fd = open_file(self->path);
    if (fd < 0) {
        log_warn(
            "Access log stays with its old file path=%s reason=%s", self->path, strerror(errno));
        return;
    }
    close(self->fd);
    self->fd = fd;
}

void
access_log_destroy(struct access_log **self_p)
{
    struct access_log *self = TAKE(*self_p);
    if (!self)
        return;
    if (self->fd >= 0) {
        access_log_flush(self);
        close(self->fd);
    }
    buffer_release(&self->lines);
    free(self->path);
    free(self);
}
