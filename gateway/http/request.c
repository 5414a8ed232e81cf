#include "gateway/http/request.h"

/* Past "http://authority" of an absolute target; the authority equals Host. */
static struct text
without_authority(struct text target)
{
    const char *end = target.data + target.length;
    const char *at = memchr(target.data, ':', target.length);
    if (target.data[0] == '/' || !at)
        return target;
    at += sizeof "://" - 1;
    while (at < end && *at != '/' && *at != '?')
        at++;
    return text_from(at, (size_t)(end - at));
}

static void
split_target(struct http_exchange *exchange, struct text target)
{
    target = without_authority(target);
    const char *mark = target.length ? memchr(target.data, '?', target.length) : NULL;
    size_t length = mark ? (size_t)(mark - target.data) : target.length;
    exchange->path = length ? text_from(target.data, length) : TEXT("/");
    exchange->query = mark ? text_from(mark + 1, target.length - length - 1) : (struct text){0};
}

static void
lower_names(const struct http_exchange *exchange, char *bytes)
{
    for (unsigned i = 0; i < exchange->field_count; i++) {
        struct text name = exchange->fields[i].name;
        char *at = bytes + (name.data - bytes);
        for (size_t j = 0; j < name.length; j++)
            if (at[j] >= 'A' && at[j] <= 'Z')
                at[j] = (char)(at[j] | 0x20);
    }
}

bool
http_request_parse(struct http_exchange *exchange, const struct http_head *head, char *bytes)
{
    struct text text = text_from(bytes, head->length);
    struct http_parsed parsed = {.field_max = head->headers,
        .fields = arena_new(&exchange->arena, head->headers * sizeof *parsed.fields)};
    if (!http_parse_head(text, &parsed) || parsed.field_count != head->headers ||
        parsed.content_length != head->content_length || parsed.version_major != 1 ||
        parsed.version_minor != head->version_minor || parsed.upgrades ||
        !text_equals(parsed.target, http_head_text(head->target, text)))
        return false;
    exchange->method = head->method;
    exchange->version_minor = head->version_minor;
    exchange->keeps_alive = parsed.keeps_alive;
    exchange->fields = parsed.fields;
    exchange->field_count = parsed.field_count;
    split_target(exchange, parsed.target);
    lower_names(exchange, bytes);
    return true;
}
