#include "common/process/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/text.h"

enum { LINE_MAX_BYTES = 2048, LINE_TAIL = 3 /* quote, brace and line feed of the JSON form */ };

/* The descriptor's number never changes while open: a reopen puts the new file under the same
 * number with dup3, so that threads in the middle of a line need no lock. */
static struct {
    int fd;
    enum log_level level;
    bool json;
    const char *component;
    char *path;
    _Atomic uint64_t write_errors;
} state = {.fd = STDERR_FILENO, .level = LOG_LEVEL_INFO, .component = "forge"};

static _Thread_local const char *thread_component;

struct line {
    char bytes[LINE_MAX_BYTES];
    size_t length;
};

static int
open_file(const char *path)
{
    return open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
}

enum status
log_open(const char *component, const char *path, enum log_level level, bool json,
    struct problem *problem)
{
    int fd = path ? open_file(path) : STDERR_FILENO;
    if (fd < 0) {
        problem_set(problem, "log file %s: %s", path, strerror(errno));
        return STATUS_UNAVAILABLE;
    }
    log_close();
    state.fd = fd;
    state.path = path ? text_copy(text_of(path)) : NULL;
    state.level = level;
    state.json = json;
    state.component = component;
    return STATUS_OK;
}

void
log_close(void)
{
    if (state.path)
        close(state.fd);
    free(state.path);
    state.path = NULL;
    state.fd = STDERR_FILENO;
}

void
log_reopen(void)
{
    if (!state.path)
        return;
    int fd = open_file(state.path);
    bool moved = fd >= 0 && dup3(fd, state.fd, O_CLOEXEC) == state.fd;
    int reason = errno;
    if (fd >= 0)
        close(fd);
    if (moved)
        log_info("Log file reopened path=%s", state.path);
    else
        log_error("Log file not reopened path=%s reason=%s", state.path, strerror(reason));
}

/* Appends all of the bytes or nothing, so that a cut never falls into an escape or a character. */
static bool
line_add(struct line *self, const char *bytes, size_t size)
{
    if (self->length + size > LINE_MAX_BYTES - LINE_TAIL)
        return false;
    memcpy(self->bytes + self->length, bytes, size);
    self->length += size;
    return true;
}

static bool
line_add_escaped_byte(struct line *self, unsigned char byte)
{
    static const char names[] = {['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't'};
    char escape[8];
    if (byte < sizeof names && names[byte])
        snprintf(escape, sizeof escape, "\\%c", names[byte]);
    else
        snprintf(escape, sizeof escape, state.json ? "\\u%04x" : "\\x%02x", byte);
    return line_add(self, escape, strlen(escape));
}

/* The length of the character at `text`, 0 when the byte there must be escaped: it is no
 * well-formed UTF-8, or belongs to a C1 control character, which terminals obey. */
static size_t
character_length(struct text text)
{
    unsigned char first = (unsigned char)text.data[0];
    size_t length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (length > text.length || !text_is_utf8(text_from(text.data, length)))
        return 0;
    if (first == 0xc2 && (unsigned char)text.data[1] < 0xa0)
        return 0;
    return length;
}

static void
line_add_message(struct line *self, struct text message)
{
    for (size_t i = 0; i < message.length;) {
        char byte = message.data[i];
        size_t length = character_length(text_from(message.data + i, message.length - i));
        bool fits;
        if (length == 0 || (unsigned char)byte < 0x20 || byte == 0x7f) {
            length = 1;
            fits = line_add_escaped_byte(self, (unsigned char)byte);
        } else if (byte == '\\' || (byte == '"' && state.json)) {
            fits = line_add(self, (char[]){'\\', byte}, 2);
        } else {
            fits = line_add(self, message.data + i, length);
        }
        if (!fits)
            return;
        i += length;
    }
}

static void
line_write(const struct line *self)
{
    ssize_t written;
    do
        written = write(state.fd, self->bytes, self->length);
    while (written < 0 && errno == EINTR);
    if (written != (ssize_t)self->length)
        atomic_fetch_add_explicit(&state.write_errors, 1, memory_order_relaxed);
}

static void PRINTF_LIKE(2, 0) log_line(enum log_level level, const char *format, va_list arguments)
{
    static const char *const names[] = {"DEBUG", "INFO", "WARN", "ERROR"};
    if (level < state.level)
        return;
    int saved_errno = errno;
    char message[LINE_MAX_BYTES];
    int size = vsnprintf(message, sizeof message, format, arguments);
    size_t length = size < 0                        ? 0
                    : (size_t)size < sizeof message ? (size_t)size
                                                    : sizeof message - 1;

    char now[CLOCK_TEXT_SIZE];
    clock_format(clock_wall_ms(), now);
    const char *component = thread_component ? thread_component : state.component;
    struct line line = {.length = 0};
    char head[160];
    int head_size = snprintf(head, sizeof head,
        state.json ? "{\"ts\":\"%s\",\"level\":\"%s\",\"component\":\"%.64s\",\"msg\":\""
                   : "%s %s %.64s ",
        now, names[level], component);
    line_add(&line, head, (size_t)head_size);
    line_add_message(&line, text_from(message, length));
    memcpy(line.bytes + line.length, state.json ? "\"}\n" : "\n", state.json ? 3 : 1);
    line.length += state.json ? 3 : 1;
    line_write(&line);
    errno = saved_errno;
}

void
log_debug(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    log_line(LOG_LEVEL_DEBUG, format, arguments);
    va_end(arguments);
}

void
log_info(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    log_line(LOG_LEVEL_INFO, format, arguments);
    va_end(arguments);
}

void
log_warn(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    log_line(LOG_LEVEL_WARN, format, arguments);
    va_end(arguments);
}

void
log_error(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    log_line(LOG_LEVEL_ERROR, format, arguments);
    va_end(arguments);
}

uint64_t
log_write_errors(void)
{
    return atomic_load_explicit(&state.write_errors, memory_order_relaxed);
}

void
log_component(const char *component)
{
    thread_component = component;
}
