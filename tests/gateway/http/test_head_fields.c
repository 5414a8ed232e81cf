#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/gateway/http/head_rows.h"

static void
what_could_smuggle_a_request_is_refused(void **state)
{
    (void)state;
    const struct head_row rows[] = {
        {411, POST("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n")},
        {411, POST("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n")},
        {411, POST("Transfer-Encoding: chunked\r\n")},
        {411, POST("Transfer-Encoding: xchunked\r\n")},
        {411, POST("Transfer-Encoding: identity\r\n")},
        {411, POST("Transfer-Encoding: gzip, chunked\r\n")},
        {411, POST("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n")},
        {411, POST("transfer-encoding:\r\n")},
        {411, TEXT("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n")},
        {400, POST("Content-Length: 5\r\nContent-Length: 6\r\n")},
        {400, POST("Content-Length: 5\r\nContent-Length: 5\r\n")},
        {400, POST("Content-Length: +5\r\n")},
        {400, POST("Content-Length: -1\r\n")},
        {400, POST("Content-Length: 0x5\r\n")},
        {400, POST("Content-Length: 5, 5\r\n")},
        {400, POST("Content-Length: 5 5\r\n")},
        {400, POST("Content-Length:\r\n")},
        {400, POST("Content-Length: 5a\r\n")},
        {400, POST("Content-Length: 5\t\r\n")},
        {413, POST("Content-Length: 1001\r\n")},
        {413, POST("Content-Length: 9223372036854775808\r\n")},
        {413, POST("Content-Length: 18446744073709551616\r\n")},
        {413, POST("Content-Length: 99999999999999999999999999999999\r\n")},
        {400, POST("Content-Length : 5\r\n")},
        {400, POST("Content-Length\t: 5\r\n")},
        {400, POST("Transfer-Encoding : chunked\r\n")},
        {400, POST("Content Length: 5\r\n")},
        {400, POST("X: a\r\n folded\r\n")},
        {400, POST("Content-Length: 5\r\n 0\r\n")},
        {411, POST("Transfer-Encoding:\r\n\tchunked\r\n" SECOND)},
        {400, POST(" Content-Length: 5\r\n")},
        {400, TEXT("POST / HTTP/1.1\r\n Host: a\r\n\r\n")},
        {400, TEXT("POST / HTTP/1.1\nHost: a\n\n")},
        {400, TEXT("POST / HTTP/1.1\r\nHost: a\nContent-Length: 5\r\n\r\n")},
        {400, TEXT("POST / HTTP/1.1\r\nHost: a\r\n\n")},
        {400, POST("X: a\rContent-Length: 5\r\n")},
        {400, POST("X: a\r\r\n")},
        {400, TEXT("GET /\r HTTP/1.1\r\nHost: a\r\n\r\n")},
        {400, TEXT("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n")},
        {400, TEXT("\nGET / HTTP/1.1\r\nHost: a\r\n\r\n")},
    };

    ASSERT_ROWS(rows);
}

static void
headers_that_we_act_on_come_once(void **state)
{
    (void)state;
    const struct head_row rows[] = {
        {400, TEXT("GET / HTTP/1.1\r\n\r\n")},
        {400, GET("Host: a\r\n")},
        {400, GET("host: b\r\n")},
        {400, GET("Origin: http://localhost\r\nORIGIN: http://localhost\r\n")},
        {400, GET("Authorization: Bearer a\r\nAuthorization: Bearer b\r\n")},
        {400, GET("Mcp-Session-Id: a\r\nmcp-session-id: a\r\n")},
        {400, GET("Mcp-Protocol-Version: a\r\nMcp-Protocol-Version: a\r\n")},
        {400, GET("Mcp-Method: a\r\nMcp-Method: a\r\n")},
        {400, GET("Mcp-Name: a\r\nMcp-Name: a\r\n")},
        {400, GET("Content-Type: a/b\r\nContent-Type: a/b\r\n")},
        {400, GET("Accept: a/b\r\nAccept: a/b\r\n")},
        {400, GET("Connection: close\r\nConnection: keep-alive\r\n")},
        {400, GET("Last-Event-Id: 1\r\nLast-Event-Id: 1\r\n")},
        {400, GET("Idempotency-Key: 1\r\nIdempotency-Key: 1\r\n")},
        {400, GET("Expect: 100-continue\r\nExpect: 100-continue\r\n")},
        {417, GET("Expect: 200-ok\r\n")},
        {417, GET("Expect:\r\n")},
        {400, GET("Upgrade: h2c\r\nConnection: upgrade\r\n")},
        {400, GET("Upgrade: websocket\r\n")},
    };

    ASSERT_ROWS(rows);
}

static void
what_did_not_come_has_no_data(void **state)
{
    (void)state;
    struct http_head head;
    struct text bytes = TEXT("GET / HTTP/1.0\r\nOrigin:\r\nForwarded: for=x\r\n\r\n");

    assert_int_equal(head_feed(&head, bytes), HEAD_WHOLE);
    assert_null(http_head_text(head.host, bytes).data);
    assert_non_null(http_head_text(head.origin, bytes).data);
    assert_int_equal(http_head_text(head.origin, bytes).length, 0);
    assert_true(head.is_forwarded);
    assert_int_equal(head.version_minor, 0);
}

static void
a_refusal_says_what_to_change(void **state)
{
    (void)state;
    struct http_head head;

    assert_int_equal(head_feed(&head, POST("Transfer-Encoding: chunked\r\n")), HEAD_REFUSED);
    assert_int_equal(head.refusal.reason, REFUSED_TRANSFER_ENCODING);
    assert_non_null(strstr(head.refusal.message, "Content-Length"));
    assert_int_equal(head_feed(&head, TEXT("\x16\x03\x01")), HEAD_REFUSED);
    assert_non_null(strstr(head.refusal.message, "http://"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_could_smuggle_a_request_is_refused),
        cmocka_unit_test(headers_that_we_act_on_come_once),
        cmocka_unit_test(what_did_not_come_has_no_data),
        cmocka_unit_test(a_refusal_says_what_to_change),
    };
    return cmocka_run_group_tests_name("http head fields", tests, NULL, NULL);
}
