#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "common/base/memory.h"
#include "common/json/reader.h"
#include "gateway/tools/tool.h"

enum { INPUT_BYTES_MAX = 5200, LIST_BYTES_MAX = 12 * 1024, TOOLS = 17 };

static struct buffer
written(void (*write)(const struct tool *tool, struct json_writer *writer), const struct tool *tool)
{
    struct buffer out = {0};
    struct json_writer writer;
    json_writer_init(&writer, &out);
    write(tool, &writer);
    return out;
}

static void
names_descriptions_and_input_schemas_take_at_most_5200_bytes(void **state)
{
    (void)state;
    /* As JSON, so that keys and brackets count too. */
    size_t frame = sizeof "{\"name\":\"\",\"description\":\"\",\"inputSchema\":}," - 1;
    size_t bytes = tool_count * frame + 1;
    for (size_t i = 0; i < tool_count; i++) {
        CLEANUP(buffer_release) struct buffer schema = written(tool_write_input_schema, tools[i]);
        bytes += strlen(tools[i]->name) + strlen(tools[i]->description) + schema.length;
    }
    print_message("names, descriptions, input schemas: %zu bytes\n", bytes);

    assert_int_equal(tool_count, TOOLS);
    assert_true(bytes <= INPUT_BYTES_MAX);
}

static void
the_whole_list_takes_at_most_12_kib(void **state)
{
    (void)state;
    size_t bytes = sizeof "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"tools\":[]}}" - 1;
    for (size_t i = 0; i < tool_count; i++) {
        CLEANUP(buffer_release) struct buffer row = written(tool_write, tools[i]);
        bytes += row.length + 1;
    }
    print_message("tools/list: %zu bytes\n", bytes);

    assert_true(bytes <= LIST_BYTES_MAX);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_descriptions_and_input_schemas_take_at_most_5200_bytes),
        cmocka_unit_test(the_whole_list_takes_at_most_12_kib),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
