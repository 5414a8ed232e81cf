#include "gateway/http/head_check.h"

#include "gateway/http/head_fields.h"

/* What a request line holds beside its target: the longest method, two blanks, the version. */
enum { LINE_OVERHEAD = 32 };

static const char words_request_line[] = "The request line must be METHOD /path HTTP/1.1.";
static const char words_proxy[] = "The PROXY protocol is not accepted here; connect without it.";

static const struct {
    const char *name;
    enum http_method method;
    bool allowed;
} methods[] = {
    {"GET", METHOD_GET, true},
    {"HEAD", METHOD_HEAD, true},
    {"POST", METHOD_POST, true},
    {"DELETE", METHOD_DELETE, true},
    {"OPTIONS", METHOD_OPTIONS, true},
    {"PUT", METHOD_PUT, true},
    {"PATCH", METHOD_PATCH, true},
    {"TRACE", METHOD_GET, false},
    {"CONNECT", METHOD_GET, false},
};

void
http_head_init(struct http_head *self)
{
    *self = (struct http_head){.version_minor = 1};
}

struct text
http_head_text(struct http_slice slice, struct text bytes)
{
    return slice.at ? text_from(bytes.data + slice.at, slice.length) : (struct text){0};
}

static bool
check_method(struct http_head *self, struct text method)
{
    if (!http_head_is_token(method))
        return http_head_refuse(self, 400, REFUSED_REQUEST_LINE, words_request_line);
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        if (!text_is(method, methods[i].name))
            continue;
        self->method = methods[i].method;
        return methods[i].allowed ||
               http_head_refuse(self, 405, REFUSED_METHOD,
                   "This method is not allowed; use GET, HEAD, POST, DELETE or OPTIONS.");
    }
    return http_head_refuse(self, 501, REFUSED_METHOD,
        "This method is not known; use GET, HEAD, POST, DELETE or OPTIONS.");
}

static bool
check_version(struct http_head *self, struct text version)
{
    if (text_equals(version, TEXT("HTTP/1.1"))) {
        self->version_minor = 1;
        return true;
    }
    if (text_equals(version, TEXT("HTTP/1.0"))) {
        self->version_minor = 0;
        return true;
    }
    bool is_version = version.length == 8 && text_starts_with(version, TEXT("HTTP/")) &&
                      version.data[5] >= '0' && version.data[5] <= '9' && version.data[6] == '.' &&
                      version.data[7] >= '0' && version.data[7] <= '9';
    return is_version ? http_head_refuse(
                            self, 505, REFUSED_VERSION, "The HTTP version must be 1.1 or 1.0.")
                      : http_head_refuse(self, 400, REFUSED_REQUEST_LINE, words_request_line);
}

static size_t
scheme_length(struct text target)
{
    static const char *const schemes[] = {"http://", "https://"};
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        struct text scheme = text_of(schemes[i]);
        if (target.length > scheme.length &&
            text_equals_ignoring_case(text_from(target.data, scheme.length), scheme))
            return scheme.length;
    }
    return 0;
}

static bool
check_target(struct http_head *self, struct text target)
{
    for (size_t i = 0; i < target.length; i++)
        if (target.data[i] <= 0x20 || target.data[i] >= 0x7F || target.data[i] == '#')
            return http_head_refuse(
                self, 400, REFUSED_TARGET, "The path has a character that must be %-encoded.");
    bool is_star = text_equals(target, TEXT("*")) && self->method == METHOD_OPTIONS;
    bool is_path = target.length && target.data[0] == '/';
    return is_path || is_star || scheme_length(target) ||
           http_head_refuse(self, 400, REFUSED_TARGET, "The path must begin with '/'.");
}

static bool
check_request_line(
    struct http_head *self, const struct http_head_limits *limits, size_t at, struct text line)
{
    if (text_starts_with(line, TEXT("PROXY ")))
        return http_head_refuse(self, 403, REFUSED_FORWARDED, words_proxy);
    const char *end = line.data + line.length;
    const char *first = line.length ? memchr(line.data, ' ', line.length) : NULL;
    const char *last = memrchr(line.data, ' ', line.length);
    if (!first || first == last)
        return http_head_refuse(self, 400, REFUSED_REQUEST_LINE, words_request_line);
    struct text target = text_from(first + 1, (size_t)(last - first - 1));
    if (!check_method(self, text_from(line.data, (size_t)(first - line.data))) ||
        !check_target(self, target) ||
        !check_version(self, text_from(last + 1, (size_t)(end - last - 1))))
        return false;
    if (target.length > limits->uri_bytes)
        return http_head_refuse(self, 414, REFUSED_URI_TOO_LONG, "The URI is too long.");
    self->target = (struct http_slice){at + (size_t)(target.data - line.data), target.length};
    self->has_request_line = true;
    return true;
}

/* The authority of an absolute target must be what Host says, or two readers disagree. */
static bool
check_authority(struct http_head *self, struct text bytes)
{
    struct text target = http_head_text(self->target, bytes);
    size_t scheme = scheme_length(target);
    if (!scheme)
        return true;
    struct text authority = text_from(target.data + scheme, target.length - scheme);
    for (size_t i = 0; i < authority.length; i++)
        if (authority.data[i] == '/' || authority.data[i] == '?')
            authority.length = i;
    return (authority.length &&
               text_equals_ignoring_case(authority, http_head_text(self->host, bytes))) ||
           http_head_refuse(self, 400, REFUSED_TARGET,
               "The host of the URI and the Host header must be the same.");
}

static bool
check_whole(struct http_head *self, struct text bytes)
{
    if (self->version_minor == 1 && !http_head_has_host(self))
        return http_head_refuse(
            self, 400, REFUSED_NO_HOST, "An HTTP/1.1 request needs a Host header.");
    return check_authority(self, bytes);
}

/* Refuses what is no HTTP from its first bytes on; HEAD_WHOLE lets the lines be looked at. */
static enum http_head_verdict
check_opening(struct http_head *self, struct text bytes)
{
    enum { TLS_HANDSHAKE = 0x16 };
    struct text proxy_v2 = TEXT("\r\n\r\n\0\r\nQUIT\n");
    if (bytes.length < proxy_v2.length && text_starts_with(proxy_v2, bytes))
        return HEAD_PARTIAL;
    if (text_starts_with(bytes, proxy_v2))
        http_head_refuse(self, 403, REFUSED_FORWARDED, words_proxy);
    else if (bytes.data[0] == TLS_HANDSHAKE)
        http_head_refuse(self, 400, REFUSED_TLS,
            "This port speaks plain HTTP; use http:// instead of https://.");
    else if (bytes.data[0] == '\r' || http_head_is_token(text_from(bytes.data, 1)))
        return HEAD_WHOLE;
    else
        http_head_refuse(self, 400, REFUSED_REQUEST_LINE, words_request_line);
    return HEAD_REFUSED;
}

/* end: where the line that begins at line_at ends, or the bytes do. */
static bool
check_size(struct http_head *self, const struct http_head_limits *limits, size_t end)
{
    if (!self->has_request_line && end - self->line_at > limits->uri_bytes + LINE_OVERHEAD)
        return http_head_refuse(self, 414, REFUSED_URI_TOO_LONG, "The URI is too long.");
    return end < limits->head_bytes || http_head_refuse(self, 431, REFUSED_HEAD_TOO_LARGE,
                                           "The headers are too large together.");
}

/* One whole line at line_at; HEAD_PARTIAL asks for the next. */
static enum http_head_verdict
check_line(struct http_head *self, const struct http_head_limits *limits, struct text line,
    struct text bytes)
{
    size_t at = self->line_at;
    if (!line.length && self->has_request_line) {
        self->length = self->scanned;
        return check_whole(self, bytes) ? HEAD_WHOLE : HEAD_REFUSED;
    }
    bool is_good = false;
    if (!line.length && at == 0)
        is_good = true; /* Some clients send an empty line after a body (RFC 9112 §2.2). */
    else if (!self->has_request_line)
        is_good = check_request_line(self, limits, at, line);
    else if (++self->headers > limits->headers)
        http_head_refuse(self, 431, REFUSED_TOO_MANY_HEADERS, "There are too many headers.");
    else
        is_good = http_head_field(self, limits, at, line);
    self->line_at = self->scanned;
    return is_good ? HEAD_PARTIAL : HEAD_REFUSED;
}

enum http_head_verdict
http_head_feed(struct http_head *self, const struct http_head_limits *limits, struct text bytes)
{
    enum http_head_verdict verdict = HEAD_PARTIAL;
    if (bytes.length && !self->scanned) {
        verdict = check_opening(self, bytes);
        if (verdict != HEAD_WHOLE)
            return verdict;
        verdict = HEAD_PARTIAL;
    }
    while (verdict == HEAD_PARTIAL && self->scanned < bytes.length) {
        const char *lf = memchr(bytes.data + self->scanned, '\n', bytes.length - self->scanned);
        size_t end = lf ? (size_t)(lf - bytes.data) : bytes.length;
        if (!check_size(self, limits, end))
            return HEAD_REFUSED;
        self->scanned = lf ? end + 1 : end;
        if (!lf)
            break;
        if (end == self->line_at || bytes.data[end - 1] != '\r') {
            http_head_refuse(self, 400, REFUSED_LINE_END, "Lines must end in CRLF.");
            return HEAD_REFUSED;
        }
        struct text line = text_from(bytes.data + self->line_at, end - 1 - self->line_at);
        verdict = check_line(self, limits, line, bytes);
    }
    return verdict;
}
