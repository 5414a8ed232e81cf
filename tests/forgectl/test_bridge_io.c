#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "forgectl/bridge/input.h"
#include "forgectl/bridge/output.h"
#include "forgectl/bridge/sse.h"

static void
on_event(void *argument, struct text data)
{
    buffer_format(argument, "<%.*s>", TEXT_FORMAT(data));
}

static void
expect_events(const char *stream, const char *expected)
{
    /* However the bytes are cut, the events are the same. */
    for (size_t step = 1; step <= strlen(stream); step++) {
        CLEANUP(buffer_release) struct buffer events = {0};
        CLEANUP(sse_release) struct sse sse = {0};
        for (size_t at = 0; at < strlen(stream); at += step) {
            size_t left = strlen(stream) - at;
            sse_feed(&sse, text_from(stream + at, left < step ? left : step), on_event, &events);
        }
        assert_string_equal(buffer_string(&events), expected);
    }
}

static void
events_are_read_however_they_are_cut(void **state)
{
    (void)state;
    expect_events("event: message\ndata: {\"a\":1}\n\ndata:{}\n\n", "<{\"a\":1}><{}>");
    expect_events("id: 1\r\nretry: 3000\r\ndata: \r\n\r\ndata: x\r\n\r\n", "<x>");
    expect_events(": keepalive\n\ndata: a\ndata: b\n\n", "<a\nb>");
    expect_events("data: cr\r\rdata: cut off", "<cr>");
    expect_events("database: no\ndata\n\n", "");
}

static void
an_endless_event_is_given_up(void **state)
{
    (void)state;
    static char block[1 << 16];
    memset(block, 'a', sizeof(block));
    CLEANUP(buffer_release) struct buffer events = {0};
    CLEANUP(sse_release) struct sse sse = {0};
    sse_feed(&sse, TEXT("data: "), on_event, &events);
    for (size_t i = 0; i <= SSE_EVENT_MAX / sizeof(block) + 1; i++)
        sse_feed(&sse, text_from(block, sizeof(block)), on_event, &events);
    sse_feed(&sse, TEXT("\n\n"), on_event, &events);
    assert_true(sse.is_broken);
    assert_int_equal(events.length, 0);
}

static void
input_gives_whole_lines(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    CLEANUP(bridge_input_release) struct bridge_input input = {.fd = ends[0]};
    struct text line;
    bool is_too_long = false;

    bridge_input_fill(&input);
    assert_false(bridge_input_next(&input, &line, &is_too_long));
    assert_int_equal(write(ends[1], "one\r\n\n \ntw", 10), 10);
    bridge_input_fill(&input);
    assert_true(bridge_input_next(&input, &line, &is_too_long));
    assert_true(text_is(line, "one"));
    assert_false(bridge_input_next(&input, &line, &is_too_long));
    assert_int_equal(write(ends[1], "o\nthree", 7), 7);
    bridge_input_fill(&input);
    assert_true(bridge_input_next(&input, &line, &is_too_long));
    assert_true(text_is(line, "two"));
    (void)close(ends[1]);
    bridge_input_fill(&input);
    assert_true(input.is_closed);
    assert_true(bridge_input_next(&input, &line, &is_too_long));
    assert_true(text_is(line, "three"));
    assert_false(bridge_input_next(&input, &line, &is_too_long));
    (void)close(ends[0]);
}

static void
a_line_too_long_is_dropped_and_told_once(void **state)
{
    (void)state;
    int ends[2];
    static char block[1 << 16];
    memset(block, 'a', sizeof(block));
    assert_int_equal(pipe(ends), 0);
    CLEANUP(bridge_input_release) struct bridge_input input = {.fd = ends[0]};
    struct text line;
    bool is_too_long = false;
    unsigned told = 0;
    for (size_t i = 0; i < 3 * (BRIDGE_LINE_MAX / sizeof(block)); i++) {
        assert_int_equal(write(ends[1], block, sizeof(block)), sizeof(block));
        bridge_input_fill(&input);
        while (bridge_input_next(&input, &line, &is_too_long)) {
            assert_true(is_too_long);
            told++;
        }
        assert_true(input.bytes.capacity < (size_t)4 * BRIDGE_LINE_MAX);
    }
    assert_int_equal(told, 1);
    assert_int_equal(write(ends[1], "\nnext\n", 6), 6);
    bridge_input_fill(&input);
    assert_true(bridge_input_next(&input, &line, &is_too_long));
    assert_false(is_too_long);
    assert_true(text_is(line, "next"));
    (void)close(ends[0]);
    (void)close(ends[1]);
}

static void
a_message_is_one_line_and_an_error_has_its_id(void **state)
{
    (void)state;
    int ends[2];
    char got[256] = {0};
    assert_int_equal(pipe(ends), 0);
    struct bridge_output output = {.fd = ends[1]};
    bridge_output_message(&output, TEXT("{\n\"a\":\r\n1}"));
    bridge_output_words(&output, TEXT("1,\"b\""), -32603, "no \"answer\"");
    assert_true(read(ends[0], got, sizeof(got) - 1) > 0);
    assert_string_equal(got, "{ \"a\":  1}\n"
                             "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32603,\"message\":"
                             "\"no \\\"answer\\\"\"}}\n"
                             "{\"jsonrpc\":\"2.0\",\"id\":\"b\",\"error\":{\"code\":-32603,"
                             "\"message\":\"no \\\"answer\\\"\"}}\n");
    (void)close(ends[0]);
    bridge_output_message(&output, TEXT("{}"));
    assert_true(output.has_failed);
    (void)close(ends[1]);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_are_read_however_they_are_cut),
        cmocka_unit_test(an_endless_event_is_given_up),
        cmocka_unit_test(input_gives_whole_lines),
        cmocka_unit_test(a_line_too_long_is_dropped_and_told_once),
        cmocka_unit_test(a_message_is_one_line_and_an_error_has_its_id),
    };
    (void)signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests_name("bridge io", tests, NULL, NULL);
}
