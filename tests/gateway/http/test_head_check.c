#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/buffer.h"
#include "tests/gateway/http/head_rows.h"

static void
ordinary_heads_are_whole(void **state)
{
    (void)state;
    const struct head_row rows[] = {
        {0, GET("")},
        {0, POST("Content-Length: 5\r\n")},
        {0, POST("content-length:5\r\n")},
        {0, POST("Content-Length:\t5  \r\n")},
        {0, POST("Content-Length: 1000\r\n")},
        {0, POST("Content-Length: 0\r\n")},
        {0, GET("X-Empty:\r\nX-Obs: gr\xc3\xbc\xc3\x9f\r\nX-Tab: a\tb\r\n")},
        {0, GET("Connection: keep-alive\r\nAccept: */*\r\nUser-Agent: curl/7.88 (x; y)\r\n")},
        {0, GET("!#$%&'*+-.^_`|~09AZaz: token\r\n")},
        {0, GET("X-Same: 1\r\nX-Same: 2\r\n")},
        {0, GET("X-Forwarded-For: 1\r\nX-Forwarded-For: 2\r\n")},
        {0, LINE("HEAD /livez HTTP/1.1")},
        {0, LINE("DELETE /mcp HTTP/1.1")},
        {0, LINE("OPTIONS * HTTP/1.1")},
        {0, LINE("PUT /a?b=c&d=%20 HTTP/1.1")},
        {0, LINE("PATCH /%00/..%2f HTTP/1.1")},
        {0, TEXT("GET /livez HTTP/1.0\r\n\r\n")},
        {0, TEXT("GET /livez HTTP/1.0\r\nHost: a\r\n\r\n")},
        {0, TEXT("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n")},
    };

    ASSERT_ROWS(rows);
}

static void
controls_are_refused_everywhere(void **state)
{
    (void)state;
    const struct head_row rows[] = {
        {400, TEXT("GET /a\0b HTTP/1.1\r\nHost: a\r\n\r\n")},
        {400, TEXT("GET /a\tb HTTP/1.1\r\nHost: a\r\n\r\n")},
        {400, TEXT("GET /a\x7f HTTP/1.1\r\nHost: a\r\n\r\n")},
        {400, TEXT("GET /gr\xc3\xbc HTTP/1.1\r\nHost: a\r\n\r\n")},
        {400, TEXT("G\0T / HTTP/1.1\r\nHost: a\r\n\r\n")},
        {400, TEXT("GET / HTTP/1.1\r\nX\0: a\r\n\r\n")},
        {400, TEXT("GET / HTTP/1.1\r\nX: a\0b\r\n\r\n")},
        {400, TEXT("GET / HTTP/1.1\r\nX: a\x01\r\n\r\n")},
        {400, TEXT("GET / HTTP/1.1\r\nX: a\x7f\r\n\r\n")},
        {400, TEXT("GET / HTTP/1.1\r\nX\x80: a\r\n\r\n")},
        {400, TEXT("GET / HTTP/1.1\r\n: a\r\n\r\n")},
        {400, TEXT("GET / HTTP/1.1\r\nno colon\r\n\r\n")},
    };

    ASSERT_ROWS(rows);
}

static void
the_request_line_is_strict(void **state)
{
    (void)state;
    const struct head_row rows[] = {
        {405, LINE("TRACE / HTTP/1.1")},
        {405, LINE("CONNECT a:80 HTTP/1.1")},
        {501, LINE("get / HTTP/1.1")},
        {501, LINE("BREW / HTTP/1.1")},
        {400, LINE("GE(T / HTTP/1.1")},
        {400, LINE("GET / HTTP/1.1 ")},
        {400, LINE("GET  / HTTP/1.1")},
        {400, LINE(" GET / HTTP/1.1")},
        {400, LINE("GET /a b HTTP/1.1")},
        {400, LINE("GET /")},
        {400, LINE("GET")},
        {400, LINE("GET / ")},
        {400, LINE("GET / http/1.1")},
        {400, LINE("GET / HTTP/1.1x")},
        {400, LINE("GET / HTTP/11")},
        {505, LINE("GET / HTTP/0.9")},
        {505, LINE("GET / HTTP/1.2")},
        {505, LINE("GET / HTTP/2.0")},
        {505, LINE("GET / HTTP/9.9")},
        {400, LINE("GET path HTTP/1.1")},
        {400, LINE("GET * HTTP/1.1")},
        {400, LINE("GET /a#b HTTP/1.1")},
        {400, LINE("GET ftp://a/ HTTP/1.1")},
    };

    ASSERT_ROWS(rows);
}

static void
an_absolute_target_names_the_same_host(void **state)
{
    (void)state;
    const struct head_row rows[] = {
        {0, LINE("GET http://a/mcp HTTP/1.1")},
        {0, LINE("GET HTTP://A/mcp HTTP/1.1")},
        {0, LINE("GET https://a HTTP/1.1")},
        {0, LINE("GET http://a?q HTTP/1.1")},
        {400, LINE("GET http://b/mcp HTTP/1.1")},
        {400, LINE("GET http://a:80/mcp HTTP/1.1")},
        {400, LINE("GET http://user@a/mcp HTTP/1.1")},
        {400, LINE("GET http:///mcp HTTP/1.1")},
        {400, LINE("GET http:// HTTP/1.1")},
        {400, TEXT("GET http://a/ HTTP/1.0\r\n\r\n")},
    };

    ASSERT_ROWS(rows);
}

static void
other_protocols_are_refused_at_their_first_bytes(void **state)
{
    (void)state;
    const struct head_row rows[] = {
        {400, TEXT("\x16\x03\x01\x02\x00\x01")},
        {400, TEXT("\0")},
        {400, TEXT("{\"jsonrpc\"")},
        {400, TEXT(" ")},
        {403, TEXT("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\nGET / HTTP/1.1\r\n")},
        {403, TEXT("PROXY UNKNOWN\r\n")},
        {403, TEXT("\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c")},
        {-1, TEXT("\r\n\r\n\0\r\nQUIT")},
        {400, TEXT("\r\n\r\n\0\r\nQUIX\n")},
        {501, TEXT("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")},
    };

    ASSERT_ROWS(rows);
}

/* "GET /aaaa…" with a target of that many bytes, or a header of that many. */
static int
status_of_target(size_t length)
{
    struct buffer bytes = {0};
    buffer_add_text(&bytes, TEXT("GET /"));
    while (--length)
        buffer_add_byte(&bytes, 'a');
    buffer_add_text(&bytes, TEXT(" HTTP/1.1\r\nHost: a\r\n\r\n"));
    int status = head_status(buffer_text(&bytes));
    buffer_release(&bytes);
    return status;
}

static int
status_of_size(size_t length)
{
    struct buffer bytes = {0};
    buffer_add_text(&bytes, TEXT("GET / HTTP/1.1\r\nHost: a\r\nX: "));
    while (bytes.length < length - 4)
        buffer_add_byte(&bytes, 'a');
    buffer_add_text(&bytes, TEXT("\r\n\r\n"));
    int status = head_status(buffer_text(&bytes));
    buffer_release(&bytes);
    return status;
}

static int
status_of_count(unsigned count)
{
    struct buffer bytes = {0};
    buffer_add_text(&bytes, TEXT("GET / HTTP/1.1\r\nHost: a\r\n"));
    while (--count)
        buffer_add_text(&bytes, TEXT("X: a\r\n"));
    buffer_add_text(&bytes, TEXT("\r\n"));
    int status = head_status(buffer_text(&bytes));
    buffer_release(&bytes);
    return status;
}

static void
limits_hold_to_the_byte(void **state)
{
    (void)state;
    assert_int_equal(status_of_target(head_row_limits.uri_bytes), 0);
    assert_int_equal(status_of_target(head_row_limits.uri_bytes + 1), 414);
    assert_int_equal(status_of_target(1900), 414);
    assert_int_equal(status_of_size(head_row_limits.head_bytes), 0);
    assert_int_equal(status_of_size(head_row_limits.head_bytes + 1), 431);
    assert_int_equal(status_of_count(head_row_limits.headers), 0);
    assert_int_equal(status_of_count(head_row_limits.headers + 1), 431);
}

static void
an_endless_line_is_refused_before_it_ends(void **state)
{
    (void)state;
    char bytes[3000] = "GET / HTTP/1.1\r\nX: ";
    size_t length = strlen(bytes);
    memset(bytes + length, 'a', sizeof bytes - length);

    assert_int_equal(head_status(text_from(bytes, head_row_limits.head_bytes - 1)), -1);
    assert_int_equal(head_status(text_from(bytes, head_row_limits.head_bytes)), 431);
    memset(bytes, 'A', sizeof bytes);
    assert_int_equal(head_status(text_from(bytes, head_row_limits.uri_bytes + 32)), -1);
    assert_int_equal(head_status(text_from(bytes, head_row_limits.uri_bytes + 33)), 414);
}

static void
every_prefix_of_a_head_is_partial(void **state)
{
    (void)state;
    struct text bytes = POST("Content-Length: 5\r\nOrigin: http://localhost\r\n");

    assert_int_equal(head_status(bytes), 0);
    for (size_t length = 0; length < bytes.length; length++)
        assert_int_equal(head_status(text_from(bytes.data, length)), -1);
}

static void
bytes_may_come_one_by_one(void **state)
{
    (void)state;
    struct text bytes = TEXT("\r\nPOST /mcp?q HTTP/1.1\r\nHost: a:1\r\nContent-Length: 5\r\n"
                             "Expect: 100-Continue\r\nOrigin: http://x \r\n\r\nhello" SECOND);
    struct http_head head;
    http_head_init(&head);

    size_t length = 0;
    enum http_head_verdict verdict = HEAD_PARTIAL;
    while (verdict == HEAD_PARTIAL)
        verdict = http_head_feed(&head, &head_row_limits, text_from(bytes.data, ++length));

    assert_int_equal(verdict, HEAD_WHOLE);
    assert_int_equal(head.length, length);
    assert_true(text_starts_with(text_from(bytes.data + length, 5), TEXT("hello")));
    assert_int_equal(head.method, METHOD_POST);
    assert_int_equal(head.content_length, 5);
    assert_int_equal(head.headers, 4);
    assert_true(head.expects_continue);
    assert_false(head.is_forwarded);
    assert_true(text_is(http_head_text(head.target, bytes), "/mcp?q"));
    assert_true(text_is(http_head_text(head.host, bytes), "a:1"));
    assert_true(text_is(http_head_text(head.origin, bytes), "http://x"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ordinary_heads_are_whole),
        cmocka_unit_test(controls_are_refused_everywhere),
        cmocka_unit_test(the_request_line_is_strict),
        cmocka_unit_test(an_absolute_target_names_the_same_host),
        cmocka_unit_test(other_protocols_are_refused_at_their_first_bytes),
        cmocka_unit_test(limits_hold_to_the_byte),
        cmocka_unit_test(an_endless_line_is_refused_before_it_ends),
        cmocka_unit_test(every_prefix_of_a_head_is_partial),
        cmocka_unit_test(bytes_may_come_one_by_one),
    };
    return cmocka_run_group_tests_name("http head check", tests, NULL, NULL);
}
