#include "gateway/http/exchange.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>

#include "common/base/memory.h"
#include "gateway/http/answer.h"
#include "gateway/http/connection.h"

enum { ARENA_BYTES = 8 * 1024 * 1024, KEPT_BYTES = 64 * 1024 };

enum http_method
http_exchange_method(const struct http_exchange *self)
{
    return self->method;
}

struct text
http_exchange_path(const struct http_exchange *self)
{
    return self->path;
}

struct text
http_exchange_query(const struct http_exchange *self)
{
    return self->query;
}

struct text
http_exchange_body(const struct http_exchange *self)
{
    return self->body;
}

struct text
http_exchange_header(const struct http_exchange *self, const char *name)
{
    struct text wanted = text_of(name);
    for (unsigned i = 0; i < self->field_count; i++)
        if (text_equals(self->fields[i].name, wanted))
            return self->fields[i].value;
    return (struct text){0};
}

void
http_exchange_headers(const struct http_exchange *self, const char *prefix,
    void (*visit)(void *argument, struct text name, struct text value), void *argument)
{
    struct text wanted = text_of(prefix);
    for (unsigned i = 0; i < self->field_count; i++)
        if (text_starts_with(self->fields[i].name, wanted))
            visit(argument, self->fields[i].name, self->fields[i].value);
}

struct text
http_exchange_client_address(const struct http_exchange *self)
{
    return text_of(self->connection->address);
}

struct arena *
http_exchange_arena(struct http_exchange *self)
{
    return &self->arena;
}

struct text
http_exchange_request_id(const struct http_exchange *self)
{
    return text_from(self->request_id, sizeof self->request_id);
}

int64_t
http_exchange_started_us(const struct http_exchange *self)
{
    return self->started_us;
}

static struct text
keep(struct http_exchange *self, struct text text)
{
    return text_from(arena_copy(&self->arena, text), text.length);
}

void
http_exchange_set_principal(struct http_exchange *self, struct text principal)
{
    self->principal = keep(self, principal);
}

void
http_exchange_set_session(struct http_exchange *self, struct text session)
{
    self->session = keep(self, session);
}

void
http_exchange_set_auth(struct http_exchange *self, const char *static_word)
{
    self->auth = static_word;
}

void
http_exchange_set_trace(struct http_exchange *self, struct text traceparent)
{
    self->trace = keep(self, traceparent);
}

void
http_exchange_on_gone(
    struct http_exchange *self, void (*on_gone)(void *argument, bool half_closed), void *argument)
{
    self->on_gone = on_gone;
    self->gone_argument = argument;
    if (self->connection->state == CLOSED)
        http_exchange_tell_gone(self, false);
    else if (self->connection->has_ended)
        http_exchange_tell_gone(self, true);
}

void
http_exchange_tell_gone(struct http_exchange *self, bool half_closed)
{
    void (*on_gone)(void *argument, bool half_closed) = TAKE(self->on_gone);
    if (on_gone)
        on_gone(self->gone_argument, half_closed);
}

void
http_exchange_add_header(struct http_exchange *self, const char *name, struct text value)
{
    struct buffer *added = &self->added;
    assert(!value.length ||
           (!memchr(value.data, '\r', value.length) && !memchr(value.data, '\n', value.length)));
    if (text_equals_ignoring_case(text_of(name), TEXT("Cache-Control")))
        self->has_cache_control = true;
    buffer_add_text(added, text_of(name));
    buffer_add_text(added, TEXT(": "));
    buffer_add_text(added, value);
    buffer_add_text(added, TEXT("\r\n"));
}

struct buffer *
http_exchange_out(struct http_exchange *self)
{
    return &self->out;
}

void
http_exchange_send(struct http_exchange *self, int http_status, const char *content_type)
{
    struct http_connection *connection = self->connection;
    assert(connection->is_answering);
    self->http_status = http_status;
    self->on_gone = NULL;
    if (connection->listener->is_draining)
        self->keeps_alive = false;
    http_answer_head(self, content_type);
    http_connection_send(connection);
}

void
http_exchange_fail(struct http_exchange *self, int http_status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    buffer_clear(&self->out);
    buffer_format_list(&self->out, format, arguments);
    va_end(arguments);
    struct text message = keep(self, buffer_text(&self->out));
    buffer_clear(&self->out);
    http_answer_error(&self->out, http_status, message);
    http_exchange_send(self, http_status, "application/json");
}

struct http_exchange *
http_exchange_create(void)
{
    struct http_exchange *self = memory_new(sizeof *self);
    arena_init(&self->arena, ARENA_BYTES);
    http_exchange_reset(self);
    return self;
}

void
http_exchange_destroy(struct http_exchange **self_p)
{
    struct http_exchange *self = TAKE(*self_p);
    if (!self)
        return;
    buffer_release(&self->input);
    buffer_release(&self->ahead);
    buffer_release(&self->added);
    buffer_release(&self->answer_head);
    buffer_release(&self->out);
    arena_release(&self->arena);
    free(self);
}

/* The memory of a large message is not kept for the small ones that follow. */
static void
empty(struct buffer *buffer)
{
    buffer_clear(buffer);
    if (buffer->capacity > KEPT_BYTES)
        buffer_release(buffer);
}

void
http_exchange_reset(struct http_exchange *self)
{
    http_head_init(&self->request_head);
    self->has_begun = false;
    self->request_length = 0;
    self->method = METHOD_GET;
    self->version_minor = 1;
    self->keeps_alive = false;
    self->path = self->query = self->body = self->origin = (struct text){0};
    self->fields = NULL;
    self->field_count = 0;
    self->started_us = 0;
    self->principal = self->session = self->trace = (struct text){0};
    self->auth = NULL;
    self->on_gone = NULL;
    self->http_status = 0;
    self->has_cache_control = false;
    self->sent_bytes = 0;
    empty(&self->added);
    empty(&self->answer_head);
    empty(&self->out);
    if (!self->input.length)
        empty(&self->input);
    if (self->arena.used_bytes > KEPT_BYTES)
        arena_release(&self->arena);
    else
        arena_reset(&self->arena);
}

const char *
http_method_name(enum http_method method)
{
    static const char *const names[] = {
        [METHOD_GET] = "GET",
        [METHOD_HEAD] = "HEAD",
        [METHOD_POST] = "POST",
        [METHOD_DELETE] = "DELETE",
        [METHOD_OPTIONS] = "OPTIONS",
        [METHOD_PUT] = "PUT",
        [METHOD_PATCH] = "PATCH",
    };
    return names[method];
}

int
http_status_of(enum status status)
{
    switch (status) {
    case STATUS_OK: return 200;
    case STATUS_CANCELLED: return 499;
    case STATUS_INVALID_ARGUMENT:
    case STATUS_OUT_OF_RANGE: return 400;
    case STATUS_DEADLINE_EXCEEDED: return 504;
    case STATUS_NOT_FOUND: return 404;
    case STATUS_ALREADY_EXISTS:
    case STATUS_ABORTED: return 409;
    case STATUS_PERMISSION_DENIED: return 403;
    case STATUS_RESOURCE_EXHAUSTED: return 429;
    case STATUS_FAILED_PRECONDITION: return 412;
    case STATUS_UNIMPLEMENTED: return 501;
    case STATUS_UNAVAILABLE: return 503;
    case STATUS_UNAUTHENTICATED: return 401;
    case STATUS_UNKNOWN:
    case STATUS_INTERNAL:
    case STATUS_DATA_LOSS: return 500;
    }
    return 500;
}
