#include "gateway/http/head_fields.h"

/* Headers with a rule of their own, in the table's order. */
enum field {
    FIELD_HOST,
    FIELD_CONTENT_LENGTH,
    FIELD_TRANSFER_ENCODING,
    FIELD_UPGRADE,
    FIELD_EXPECT,
    FIELD_ORIGIN,
    FIELD_X_FORWARDED_FOR,
    FIELD_FORWARDED,
};

/* All headers that this room, or a room behind it, acts on. */
static const struct text names[] = {
#define NAMED(name)                                                                                \
    {                                                                                              \
        name, sizeof(name) - 1                                                                     \
    }
    NAMED("host"),
    NAMED("content-length"),
    NAMED("transfer-encoding"),
    NAMED("upgrade"),
    NAMED("expect"),
    NAMED("origin"),
    NAMED("x-forwarded-for"),
    NAMED("forwarded"),
    NAMED("accept"),
    NAMED("access-control-request-headers"),
    NAMED("access-control-request-method"),
    NAMED("authorization"),
    NAMED("connection"),
    NAMED("content-type"),
    NAMED("idempotency-key"),
    NAMED("last-event-id"),
    NAMED("mcp-method"),
    NAMED("mcp-name"),
    NAMED("mcp-protocol-version"),
    NAMED("mcp-session-id"),
    NAMED("request-timeout"),
    NAMED("traceparent"),
    NAMED("user-agent"),
#undef NAMED
};

enum { NAME_COUNT = sizeof names / sizeof *names };
_Static_assert(NAME_COUNT <= 32, "http_head.seen has a bit for each");

bool
http_head_refuse(
    struct http_head *self, int http_status, enum http_reason reason, const char *message)
{
    self->refusal =
        (struct http_refusal){.http_status = http_status, .reason = reason, .message = message};
    return false;
}

bool
http_head_is_token(struct text text)
{
    /* RFC 9110 §5.6.2, a blank for what is not allowed. */
    static const char allowed[] = "                                "
                                  " ! #$%&'  *+ -. 0123456789      "
                                  " ABCDEFGHIJKLMNOPQRSTUVWXYZ   ^_"
                                  "`abcdefghijklmnopqrstuvwxyz | ~ ";
    for (size_t i = 0; i < text.length; i++) {
        unsigned char byte = (unsigned char)text.data[i];
        if (byte >= 0x80 || allowed[byte] == ' ')
            return false;
    }
    return text.length > 0;
}

static bool
is_value(struct text value)
{
    for (size_t i = 0; i < value.length; i++) {
        unsigned char byte = (unsigned char)value.data[i];
        if ((byte < 0x20 && byte != '\t') || byte == 0x7F)
            return false;
    }
    return true;
}

static int
find_name(struct text name)
{
    for (int i = 0; i < NAME_COUNT; i++)
        if (names[i].length == name.length && text_equals_ignoring_case(names[i], name))
            return i;
    return -1;
}

/* Digits only; what does not fit 64 bits is held at their maximum. A tab behind them, which RFC
 * 9110 allows, is a matter on which readers differ. */
static bool
read_length(struct text value, struct text behind, uint64_t *length)
{
    uint64_t sum = 0;
    if (behind.length && memchr(behind.data, '\t', behind.length))
        return false;
    for (size_t i = 0; i < value.length; i++) {
        char digit = value.data[i];
        if (digit < '0' || digit > '9')
            return false;
        if (__builtin_mul_overflow(sum, 10, &sum) ||
            __builtin_add_overflow(sum, (uint64_t)(digit - '0'), &sum))
            sum = UINT64_MAX;
    }
    *length = sum;
    return value.length > 0;
}

static bool
check_length(struct http_head *self, const struct http_head_limits *limits, struct text value,
    struct text behind)
{
    if (!read_length(value, behind, &self->content_length))
        return http_head_refuse(
            self, 400, REFUSED_CONTENT_LENGTH, "Content-Length must be one run of decimal digits.");
    if (self->content_length > limits->body_bytes)
        return http_head_refuse(
            self, 413, REFUSED_BODY_TOO_LARGE, "The body is too large; send less in one request.");
    return true;
}

static bool
check_expectation(struct http_head *self, struct text value)
{
    if (!text_equals_ignoring_case(value, TEXT("100-continue")))
        return http_head_refuse(
            self, 417, REFUSED_EXPECTATION, "Expect may only be 100-continue; leave it out.");
    self->expects_continue = self->version_minor == 1;
    return true;
}

/* The rule of one header that we act on; raw begins at `at` of the fed bytes. */
static bool
apply(struct http_head *self, const struct http_head_limits *limits, int field, size_t at,
    struct text raw)
{
    struct text value = text_trim(raw);
    size_t blanks = (size_t)(value.data - raw.data);
    struct text behind = text_from(value.data + value.length, raw.length - blanks - value.length);
    at += blanks;
    switch (field) {
    case FIELD_HOST: self->host = (struct http_slice){at, value.length}; return true;
    case FIELD_ORIGIN: self->origin = (struct http_slice){at, value.length}; return true;
    case FIELD_CONTENT_LENGTH: return check_length(self, limits, value, behind);
    case FIELD_EXPECT: return check_expectation(self, value);
    case FIELD_TRANSFER_ENCODING:
        return http_head_refuse(self, 411, REFUSED_TRANSFER_ENCODING,
            "Transfer-Encoding is not accepted; send the body with Content-Length.");
    case FIELD_UPGRADE:
        return http_head_refuse(
            self, 400, REFUSED_UPGRADE, "Upgrade is not accepted; send plain HTTP/1.1 without it.");
    default: return true;
    }
}

bool
http_head_field(
    struct http_head *self, const struct http_head_limits *limits, size_t at, struct text line)
{
    if (line.data[0] == ' ' || line.data[0] == '\t')
        return http_head_refuse(self, 400, REFUSED_FOLDING,
            "A header line begins with a blank; send each on one line.");
    const char *colon = memchr(line.data, ':', line.length);
    struct text name = text_from(line.data, colon ? (size_t)(colon - line.data) : 0);
    if (!http_head_is_token(name))
        return http_head_refuse(self, 400, REFUSED_HEADER_NAME,
            "A header line must be a name of letters, digits and dashes, a colon right behind it, "
            "and a value.");
    struct text value = text_from(colon + 1, line.length - name.length - 1);
    if (!is_value(value))
        return http_head_refuse(
            self, 400, REFUSED_HEADER_VALUE, "A header value has a control character.");

    int field = find_name(name);
    if (field < 0)
        return true;
    uint32_t bit = UINT32_C(1) << field;
    bool may_repeat = field == FIELD_X_FORWARDED_FOR || field == FIELD_FORWARDED;
    self->is_forwarded = self->is_forwarded || may_repeat;
    if (self->seen & bit && !may_repeat)
        return http_head_refuse(
            self, 400, REFUSED_HEADER_TWICE, "A header that may come only once comes twice.");
    self->seen |= bit;
    return apply(self, limits, field, at + name.length + 1, value);
}

bool
http_head_has_host(const struct http_head *self)
{
    return self->seen & (UINT32_C(1) << FIELD_HOST);
}
