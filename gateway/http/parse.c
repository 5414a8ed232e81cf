#include "gateway/http/parse.h"

#include <http_parser.h>

static int
on_url(http_parser *parser, const char *at, size_t length)
{
    struct http_parsed *parsed = parser->data;
    parsed->target = text_from(at, length);
    return 0;
}

/* The whole head is one piece, so each name and each value comes in one call. */
static int
on_header_field(http_parser *parser, const char *at, size_t length)
{
    struct http_parsed *parsed = parser->data;
    if (parsed->field_count == parsed->field_max)
        return 1;
    parsed->fields[parsed->field_count++] =
        (struct http_field){.name = text_from(at, length), .value = text_from(at + length, 0)};
    return 0;
}

static int
on_header_value(http_parser *parser, const char *at, size_t length)
{
    struct http_parsed *parsed = parser->data;
    if (!parsed->field_count)
        return 1;
    parsed->fields[parsed->field_count - 1].value = text_trim(text_from(at, length));
    return 0;
}

static int
on_headers_complete(http_parser *parser)
{
    struct http_parsed *parsed = parser->data;
    /* The parser's way to say that no Content-Length came. */
    parsed->content_length = parser->content_length == UINT64_MAX ? 0 : parser->content_length;
    parsed->version_major = parser->http_major;
    parsed->version_minor = parser->http_minor;
    parsed->keeps_alive = http_should_keep_alive(parser) != 0;
    parsed->upgrades = parser->upgrade;
    return 0;
}

bool
http_parse_head(struct text head, struct http_parsed *parsed)
{
    static const http_parser_settings settings = {.on_url = on_url,
        .on_header_field = on_header_field,
        .on_header_value = on_header_value,
        .on_headers_complete = on_headers_complete};
    http_parser parser;
    http_parser_init(&parser, HTTP_REQUEST);
    parser.data = parsed;
    parsed->field_count = 0;
    parsed->target = (struct text){0};
    size_t length = http_parser_execute(&parser, &settings, head.data, head.length);
    return length == head.length && HTTP_PARSER_ERRNO(&parser) == HPE_OK && parsed->target.length;
}
