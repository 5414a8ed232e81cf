#include "gateway/http/answer.h"

#include <assert.h>

#include "common/json/writer.h"

/* RFC 9110's words, and ours for programs. */
static const struct {
    int status;
    const char *phrase;
    const char *code;
} statuses[] = {
    {200, "OK", NULL},
    {201, "Created", NULL},
    {202, "Accepted", NULL},
    {204, "No Content", NULL},
    {301, "Moved Permanently", NULL},
    {302, "Found", NULL},
    {304, "Not Modified", NULL},
    {307, "Temporary Redirect", NULL},
    {308, "Permanent Redirect", NULL},
    {400, "Bad Request", "bad_request"},
    {401, "Unauthorized", "unauthenticated"},
    {403, "Forbidden", "forbidden"},
    {404, "Not Found", "not_found"},
    {405, "Method Not Allowed", "method_not_allowed"},
    {406, "Not Acceptable", "not_acceptable"},
    {408, "Request Timeout", "request_timeout"},
    {409, "Conflict", "conflict"},
    {411, "Length Required", "length_required"},
    {412, "Precondition Failed", "precondition_failed"},
    {413, "Content Too Large", "content_too_large"},
    {414, "URI Too Long", "uri_too_long"},
    {415, "Unsupported Media Type", "unsupported_media_type"},
    {417, "Expectation Failed", "expectation_failed"},
    {422, "Unprocessable Content", "unprocessable_content"},
    {429, "Too Many Requests", "too_many_requests"},
    {431, "Request Header Fields Too Large", "head_too_large"},
    {499, "Client Closed Request", "cancelled"},
    {500, "Internal Server Error", "internal"},
    {501, "Not Implemented", "not_implemented"},
    {503, "Service Unavailable", "unavailable"},
    {504, "Gateway Timeout", "deadline_exceeded"},
    {505, "HTTP Version Not Supported", "version_not_supported"},
    {507, "Insufficient Storage", "insufficient_storage"},
};

static const char *
phrase_of(int status)
{
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
        if (statuses[i].status == status)
            return statuses[i].phrase;
    return "";
}

static const char *
code_of(int status)
{
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
        if (statuses[i].status == status && statuses[i].code)
            return statuses[i].code;
    return "error";
}

bool
http_answer_is_bare(int http_status)
{
    return http_status == 204 || http_status == 304;
}

static void
add_number(struct buffer *out, size_t number)
{
    char digits[20];
    char *at = digits + sizeof digits;
    do {
        *--at = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    buffer_add(out, at, (size_t)(digits + sizeof digits - at));
}

/* Answers to an allowed page name it; the others say nothing of pages. */
static void
add_cors(struct buffer *head, struct text origin)
{
    buffer_add_text(head, TEXT("Access-Control-Allow-Origin: "));
    buffer_add_text(head, origin);
    buffer_add_text(
        head, TEXT("\r\nVary: Origin\r\n"
                   "Access-Control-Expose-Headers: mcp-session-id, www-authenticate\r\n"));
}

void
http_answer_head(struct http_exchange *exchange, const char *content_type)
{
    struct buffer *head = &exchange->answer_head;
    int status = exchange->http_status;
    assert(status >= 200 && status <= 599);
    buffer_clear(head);
    buffer_reserve(head, 512);
    buffer_add_text(head, TEXT("HTTP/1.1 "));
    add_number(head, (size_t)status);
    buffer_add_byte(head, ' ');
    buffer_add_text(head, text_of(phrase_of(status)));
    buffer_add_text(head, TEXT("\r\n"));
    if (content_type) {
        buffer_add_text(head, TEXT("Content-Type: "));
        buffer_add_text(head, text_of(content_type));
        buffer_add_text(head, TEXT("\r\n"));
    }
    if (!http_answer_is_bare(status)) {
        buffer_add_text(head, TEXT("Content-Length: "));
        add_number(head, exchange->out.length);
        buffer_add_text(head, TEXT("\r\n"));
    }
    if (!exchange->has_cache_control)
        buffer_add_text(head, TEXT("Cache-Control: no-store\r\n"));
    if (exchange->origin.length)
        add_cors(head, exchange->origin);
    if (!exchange->keeps_alive)
        buffer_add_text(head, TEXT("Connection: close\r\n"));
    else if (exchange->version_minor == 0)
        buffer_add_text(head, TEXT("Connection: keep-alive\r\n"));
    buffer_add_text(head, buffer_text(&exchange->added));
    buffer_add_text(head, TEXT("\r\n"));
}

void
http_answer_error(struct buffer *out, int http_status, struct text message)
{
    struct json_writer writer;
    json_writer_init(&writer, out);
    json_write_object_begin(&writer);
    json_write_key(&writer, "error");
    json_write_object_begin(&writer);
    json_write_key(&writer, "code");
    json_write_string(&writer, code_of(http_status));
    json_write_key(&writer, "message");
    json_write_text(&writer, message);
    json_write_object_end(&writer);
    json_write_object_end(&writer);
}

void
http_answer_preflight(struct http_exchange *exchange, const char *more_headers)
{
    http_exchange_add_header(exchange, "Access-Control-Allow-Methods", TEXT("GET, POST, DELETE"));
    struct buffer *added = &exchange->added;
    buffer_add_text(added,
        TEXT("Access-Control-Allow-Headers: content-type, accept, authorization, mcp-session-id, "
             "mcp-protocol-version, mcp-method, mcp-name, last-event-id"));
    if (more_headers && *more_headers) {
        buffer_add_text(added, TEXT(", "));
        buffer_add_text(added, text_of(more_headers));
    }
    buffer_add_text(added, TEXT("\r\nAccess-Control-Max-Age: 600\r\n"));
}
