#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/base/memory.h"
#include "tests/gateway/http/live.h"

static int
setup(void **state)
{
    struct live *live = memory_new(sizeof *live);
    live_init(live);
    *state = live;
    return 0;
}

static int
teardown(void **state)
{
    live_stop(*state);
    free(*state);
    return 0;
}

#define HOST   "Host: localhost\r\n"
#define SECOND "GET /livez HTTP/1.1\r\n" HOST "\r\n"

/* Sends the bytes, then a second request, and gives the status of the answer. Fails when the
 * connection stays open, or when anything was executed. */
static int
refused(struct live *live, struct text bytes)
{
    struct client client;
    unsigned handled = live->handled;
    client_open(&client, live);
    client_send(&client, bytes);
    client_send(&client, TEXT(SECOND));
    struct answer answer = client_answer(&client, false);
    int status = answer.status;
    if (!text_starts_with(answer.body, TEXT("{\"error\":{\"code\":\"")))
        fail_msg("no words for %.*s: %.*s", TEXT_FORMAT(bytes), TEXT_FORMAT(answer.body));
    assert_true(text_is(answer_header(&answer, "connection"), "close"));
    assert_true(text_is(answer_header(&answer, "content-type"), "application/json"));
    size_t first = client.answer_bytes;
    if (!client_sees_close(&client) || client.was_reset || client.in.length != first)
        fail_msg("not closed after %.*s", TEXT_FORMAT(bytes));
    if (live->handled != handled)
        fail_msg("a request was executed after %.*s", TEXT_FORMAT(bytes));
    client_close(&client);
    return status;
}

static void
no_second_request_is_smuggled(void **state)
{
    struct live *live = *state;
    live_listen(live);
#define POST(headers) TEXT("POST /echo HTTP/1.1\r\n" HOST headers "\r\n")
    const struct {
        int status;
        struct text bytes;
    } rows[] = {
        {411, POST("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n")},
        {411, POST("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n")},
        {411, POST("Transfer-Encoding: chunked\r\n")},
        {411, POST("Transfer-Encoding: xchunked\r\nContent-Length: 4\r\n")},
        {411, POST("Transfer-Encoding: identity\r\n")},
        {411, POST("Transfer-Encoding: gzip, chunked\r\n")},
        {411, POST("Transfer-Encoding: x\r\nTransfer-Encoding: chunked\r\n")},
        {411, POST("Transfer-Encoding:\r\n chunked\r\n")},
        {411, TEXT("POST /echo HTTP/1.0\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n")},
        {400, POST("Transfer-Encoding : chunked\r\n")},
        {400, POST("Content-Length : 4\r\n")},
        {400, POST("Content-Length: 4\r\nContent-Length: 0\r\n")},
        {400, POST("Content-Length: 0\r\nContent-Length: 0\r\n")},
        {400, POST("Content-Length: +4\r\n")},
        {400, POST("Content-Length: -1\r\n")},
        {400, POST("Content-Length: 0x4\r\n")},
        {400, POST("Content-Length: 0, 0\r\n")},
        {400, POST("Content-Length:\r\n")},
        {413, POST("Content-Length: 9223372036854775808\r\n")},
        {413, POST("Content-Length: 18446744073709551617\r\n")},
        {400, POST("X: a\r\n Content-Length: 4\r\n")},
        {400, POST("X Y: a\r\n")},
        {400, POST("X: a\0b\r\n")},
        {400, POST("X: a\rb\r\n")},
        {400, TEXT("POST /echo HTTP/1.1\nHost: localhost\n\n")},
        {400, TEXT("POST /echo HTTP/1.1\r\nHost: localhost\n\r\n")},
        {400, TEXT("POST /echo HTTP/1.1\r\n\r\n")},
        {400, POST("Host: localhost\r\n")},
        {505, TEXT("GET / HTTP/0.9\r\n\r\n")},
        {505, TEXT("GET / HTTP/9.9\r\n" HOST "\r\n")},
        {400, TEXT("GET /\r\n")},
        {501, TEXT("BREW / HTTP/1.1\r\n" HOST "\r\n")},
        {405, TEXT("CONNECT localhost:1 HTTP/1.1\r\n" HOST "\r\n")},
        {405, TEXT("TRACE / HTTP/1.1\r\n" HOST "\r\n")},
        {400, POST("Connection: Upgrade\r\nUpgrade: websocket\r\n")},
        {417, POST("Expect: more\r\nContent-Length: 4\r\n")},
        {403, TEXT("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n")},
        {403, TEXT("\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c")},
        {400, TEXT("\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03")},
        {400, TEXT("GET /a\0b HTTP/1.1\r\n" HOST "\r\n")},
    };
#undef POST

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int status = refused(live, rows[i].bytes);
        if (status != rows[i].status)
            fail_msg("%d for %.*s", status, TEXT_FORMAT(rows[i].bytes));
    }
    assert_int_equal(live_count(live, "forge_http_refused_total", ""), sizeof rows / sizeof *rows);
    assert_int_equal(live_count(live, "forge_http_requests_total", ""), 0);
}

static void
a_large_head_is_refused(void **state)
{
    struct live *live = *state;
    struct buffer bytes = {0};
    live_listen(live);

    buffer_add_text(&bytes, TEXT("GET / HTTP/1.1\r\n" HOST "X: "));
    while (bytes.length < 40960)
        buffer_add_byte(&bytes, 'x');
    buffer_add_text(&bytes, TEXT("\r\n\r\n"));
    assert_int_equal(refused(live, buffer_text(&bytes)), 431);

    buffer_clear(&bytes);
    buffer_add_text(&bytes, TEXT("GET / HTTP/1.1\r\n" HOST));
    for (int i = 0; i < 2000; i++)
        buffer_add_text(&bytes, TEXT("X: y\r\n"));
    assert_int_equal(refused(live, buffer_text(&bytes)), 431);

    buffer_clear(&bytes);
    buffer_add_text(&bytes, TEXT("GET /"));
    while (bytes.length < 102400)
        buffer_add_byte(&bytes, 'x');
    assert_int_equal(refused(live, buffer_text(&bytes)), 414);
    buffer_release(&bytes);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(no_second_request_is_smuggled, setup, teardown),
        cmocka_unit_test_setup_teardown(a_large_head_is_refused, setup, teardown),
    };
    return cmocka_run_group_tests_name("http smuggling", tests, NULL, NULL);
}
