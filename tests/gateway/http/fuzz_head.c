/* Feeds arbitrary bytes to the head check, at once and byte by byte, which must agree; a head that
 * is accepted must be read by the HTTP parser, whole and in the same way. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "common/base/memory.h"
#include "gateway/http/guard.h"
#include "gateway/http/head_check.h"
#include "gateway/http/parse.h"

/* NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FIELDS = 16 };

static const struct http_head_limits limits = {
    .head_bytes = 1024, .headers = FIELDS, .uri_bytes = 128, .body_bytes = 65536};

static void
check_parser(const struct http_head *head, struct text bytes)
{
    struct http_field fields[FIELDS];
    struct http_parsed parsed = {.fields = fields, .field_max = FIELDS};
    bool is_read = http_parse_head(text_from(bytes.data, head->length), &parsed);
    assert(is_read);
    assert(parsed.field_count == head->headers);
    assert(parsed.content_length == head->content_length);
    assert(parsed.version_major == 1 && parsed.version_minor == head->version_minor);
    assert(!parsed.upgrades);
    assert(text_equals(parsed.target, http_head_text(head->target, bytes)));
}

static void
check_pieces(const struct http_head *head, enum http_head_verdict verdict, struct text bytes)
{
    struct http_head other;
    http_head_init(&other);
    enum http_head_verdict piecewise = HEAD_PARTIAL;
    for (size_t length = 1; piecewise == HEAD_PARTIAL && length <= bytes.length; length++)
        piecewise = http_head_feed(&other, &limits, text_from(bytes.data, length));
    assert(piecewise == verdict);
    assert(other.length == head->length);
    assert(other.refusal.http_status == head->refusal.http_status);
    assert(other.refusal.reason == head->refusal.reason);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(memory_free) char *exact = memory_copy(data, size);
    struct text bytes = text_from(exact, size);
    struct http_head head;
    http_head_init(&head);
    enum http_head_verdict verdict = http_head_feed(&head, &limits, bytes);
    assert((verdict == HEAD_REFUSED) == (head.refusal.http_status != 0));
    assert(verdict != HEAD_WHOLE || (head.length <= size && head.length <= limits.head_bytes));
    assert(verdict != HEAD_PARTIAL || size <= limits.head_bytes);
    check_pieces(&head, verdict, bytes);
    if (verdict == HEAD_WHOLE) {
        check_parser(&head, bytes);
        CLEANUP(http_guard_destroy) struct http_guard *guard = http_guard_create(NULL, 0, NULL, 0);
        http_guard_host_is_allowed(guard, http_head_text(head.host, bytes));
        http_guard_origin_is_allowed(guard, http_head_text(head.origin, bytes));
    }
    return 0;
}
