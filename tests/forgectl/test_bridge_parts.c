#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "forgectl/bridge/headers.h"
#include "forgectl/bridge/message.h"

static struct arena arena;

static int
set_up(void **state)
{
    (void)state;
    arena_init(&arena, 1 << 20);
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    arena_release(&arena);
    return 0;
}

static struct bridge_message
message_of(const char *line)
{
    struct bridge_message message;
    struct problem problem = {0};
    assert_int_equal(bridge_message_read(text_of(line), &arena, &message, &problem), STATUS_OK);
    return message;
}

static void
messages_are_told_apart(void **state)
{
    (void)state;
    assert_int_equal(message_of("{\"id\":0,\"method\":\"ping\"}").kind, BRIDGE_REQUEST);
    assert_true(text_is(message_of("{\"id\": \"a\" ,\"method\":\"ping\"}").id, "\"a\""));
    assert_int_equal(
        message_of("{\"method\":\"notifications/initialized\"}").kind, BRIDGE_NOTIFICATION);
    assert_int_equal(message_of("{\"id\":1,\"result\":{}}").kind, BRIDGE_RESPONSE);
    assert_int_equal(message_of("[]").kind, BRIDGE_BATCH);
    assert_true(text_is(message_of("{\"method\":\"notifications/cancelled\",\"params\":"
                                   "{\"requestId\":\"x\"}}")
                            .cancelled,
        "\"x\""));
}

static void
what_is_no_message_is_told(void **state)
{
    (void)state;
    static const char *const lines[] = {"", "x", "{", "\"text\"", "{}", "{\"id\":1}",
        "{\"id\":1,\"method\":7}", "{\"method\":\"a\",\"method\":\"b\"}", "{\"method\":\"a\"} {}"};
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        struct bridge_message message;
        struct problem problem = {0};
        assert_int_equal(bridge_message_read(text_of(lines[i]), &arena, &message, &problem),
            STATUS_INVALID_ARGUMENT);
        assert_true(strlen(problem.text) > 10);
    }
}

static void
ids_of_a_batch_are_collected(void **state)
{
    (void)state;
    static const char line[] = "[{\"id\":1,\"method\":\"a\"},{\"method\":\"n\"},{\"id\":\"b\","
                               "\"method\":\"a\"},{\"id\":9,\"result\":{}},7]";
    CLEANUP(buffer_release) struct buffer ids = {0};
    struct bridge_message message = message_of(line);
    bridge_message_ids(text_of(line), &message, &ids);
    assert_string_equal(buffer_string(&ids), "1,\"b\"");
}

static char *
headers_of(const char *line, struct text session, struct text version)
{
    static char joined[1024];
    const char *lines[BRIDGE_HEADERS_MAX];
    struct bridge_message message = message_of(line);
    size_t count = bridge_headers(&message, session, version, &arena, lines);
    assert_string_equal(lines[0], "Content-Type: application/json");
    assert_string_equal(lines[1], "Accept: application/json, text/event-stream");
    joined[0] = '\0';
    for (size_t i = 2; i < count; i++) {
        strncat(joined, lines[i], sizeof(joined) - strlen(joined) - 1);
        strncat(joined, "\n", sizeof(joined) - strlen(joined) - 1);
    }
    return joined;
}

#define CLAIM "\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\"}"

static void
legacy_messages_name_their_session(void **state)
{
    (void)state;
    assert_string_equal(headers_of("{\"id\":0,\"method\":\"initialize\",\"params\":{}}",
                            TEXT("s-1"), TEXT("2025-11-25")),
        "");
    assert_string_equal(
        headers_of("{\"id\":0,\"method\":\"tools/call\",\"params\":{\"name\":\"x\"}}", TEXT("s-1"),
            TEXT("2025-11-25")),
        "MCP-Protocol-Version: 2025-11-25\nMcp-Session-Id: s-1\n");
    assert_string_equal(headers_of("{\"id\":0,\"method\":\"ping\"}", TEXT(""), TEXT("")), "");
}

static void
modern_messages_are_mirrored(void **state)
{
    (void)state;
    assert_string_equal(
        headers_of("{\"id\":0,\"method\":\"tools/call\",\"params\":{" CLAIM
                   ",\"name\":\"context_save\",\"arguments\":{\"project\":\"shop\"}}}",
            TEXT("s-1"), TEXT("2025-11-25")),
        "MCP-Protocol-Version: 2026-07-28\nMcp-Method: tools/call\nMcp-Name: context_save\n"
        "Mcp-Param-Project: shop\n");
    assert_string_equal(headers_of("{\"id\":0,\"method\":\"resources/read\",\"params\":{" CLAIM
                                   ",\"uri\":\"context://1\"}}",
                            TEXT(""), TEXT("")),
        "MCP-Protocol-Version: 2026-07-28\nMcp-Method: resources/read\nMcp-Name: context://1\n");
    assert_string_equal(headers_of("{\"id\":0,\"method\":\"tools/call\",\"params\":{" CLAIM
                                   ",\"name\":\"x\",\"arguments\":{\"project\":null}}}",
                            TEXT(""), TEXT("")),
        "MCP-Protocol-Version: 2026-07-28\nMcp-Method: tools/call\nMcp-Name: x\n");
    assert_string_equal(
        headers_of("{\"method\":\"notifications/x\",\"params\":{" CLAIM "}}", TEXT(""), TEXT("")),
        "MCP-Protocol-Version: 2026-07-28\nMcp-Method: notifications/x\n");
}

static void
what_a_header_cannot_carry_is_encoded(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"plain name", "plain name"},
        {"gr\xc3\xbc\xc3\x9f", "=?base64?Z3LDvMOf?="},
        {" lead", "=?base64?IGxlYWQ=?="},
        {"trail ", "=?base64?dHJhaWwg?="},
        {"a\r\nb", "=?base64?YQ0KYg==?="},
        {"=?base64?YQ==?=", "=?base64?PT9iYXNlNjQ/WVE9PT89?="},
        {"", "=?base64?\?="},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_string_equal(bridge_header_value(text_of(rows[i][0]), &arena), rows[i][1]);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(messages_are_told_apart),
        TEST(what_is_no_message_is_told),
        TEST(ids_of_a_batch_are_collected),
        TEST(legacy_messages_name_their_session),
        TEST(modern_messages_are_mirrored),
        TEST(what_a_header_cannot_carry_is_encoded),
    };
    return cmocka_run_group_tests_name("bridge parts", tests, NULL, NULL);
}
