#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "forgectl/cli/output.h"
#include "forgectl/cli/safe_text.h"
#include "forgectl/cli/view.h"

static char *printed;
static size_t printed_size;

static struct cli
cli_with(enum cli_format format, bool is_tty)
{
    struct cli cli = {.format = format, .out_is_tty = is_tty};
    cli.out = tmpfile();
    assert_non_null(cli.out);
    return cli;
}

static const char *
finish(struct cli *cli)
{
    free(printed);
    printed_size = (size_t)ftell(cli->out);
    printed = calloc(1, printed_size + 1);
    rewind(cli->out);
    assert_int_equal(fread(printed, 1, printed_size, cli->out), printed_size);
    (void)fclose(cli->out);
    return printed;
}

static const struct text list = {
    "[{\"id\":\"a\",\"n\":1,\"title\":\"one\\ttab\"},{\"id\":\"bb\",\"title\":\"two\"}]",
    sizeof("[{\"id\":\"a\",\"n\":1,\"title\":\"one\\ttab\"},{\"id\":\"bb\",\"title\":\"two\"}]") -
        1};

static const char *
show(enum cli_format format, bool is_tty)
{
    static const struct output_column columns[] = {{"n", "N"}, {"id", "ID"}, {"title", "TITLE"}};
    struct cli cli = cli_with(format, is_tty);
    output_list(&cli, TEXT("{\"whole\":true}"), list, columns, 3);
    return finish(&cli);
}

static void
a_pipe_gets_tabs_and_no_headings(void **state)
{
    (void)state;
    assert_string_equal(show(CLI_TABLE, false), "1\ta\tone tab\n\tbb\ttwo\n");
}

static void
a_terminal_gets_aligned_columns(void **state)
{
    (void)state;
    assert_string_equal(show(CLI_TABLE, true), "N  ID  TITLE\n1  a   one tab\n   bb  two\n");
}

static void
other_forms_are_for_programs(void **state)
{
    (void)state;
    assert_string_equal(show(CLI_JSON, true), "{\"whole\":true}\n");
    assert_string_equal(show(CLI_VALUE, true), "a\nbb\n");
    assert_string_equal(show(CLI_JSONL, true),
        "{\"id\":\"a\",\"n\":1,\"title\":\"one\\ttab\"}\n{\"id\":\"bb\",\"title\":\"two\"}\n");
}

static void
an_object_shows_all_its_members(void **state)
{
    (void)state;
    const struct text object =
        TEXT("{\"status\":\"healthy\",\"tags\":[\"x\",\"y\"],\"none\":null,\"empty\":{},"
             "\"modules\":{\"gateway\":{\"state\":\"ok\"},\"context\":{\"state\":\"bad\","
             "\"proof\":[{\"name\":\"write\"}]}},\"store\":{\"bytes\":7}}");

    struct cli pipe = cli_with(CLI_TABLE, false);
    output_object(&pipe, object, "status");
    assert_string_equal(finish(&pipe),
        "status\thealthy\ntags\tx, y\nnone\t\nempty\t{}\nmodules.gateway.state\tok\n"
        "modules.context.state\tbad\nmodules.context.proof.0.name\twrite\nstore.bytes\t7\n");

    struct cli terminal = cli_with(CLI_TABLE, true);
    output_object(&terminal, object, "status");
    assert_string_equal(finish(&terminal),
        "status:                healthy\ntags:                  x, y\nmodules:\n  NAME     STATE\n "
        " gateway  ok\n  context  bad\n"
        "store:\n  bytes:                 7\n");
}

static void
a_value_is_found_by_its_path(void **state)
{
    (void)state;
    struct cli cli = cli_with(CLI_VALUE, false);
    output_object(&cli, TEXT("{\"backup\":{\"id\":\"b-1\"}}"), "backup.id");
    assert_string_equal(finish(&cli), "b-1\n");
    assert_null(view_member(TEXT("{\"backup\":{\"id\":\"b-1\"}}"), "backup.no").data);
    assert_null(view_member(TEXT("[1]"), "backup").data);
    assert_null(view_member(TEXT("{\"broken"), "backup").data);
}

static const char *
safe(struct text text, enum safe_text_form form, struct buffer *out)
{
    buffer_clear(out);
    safe_text_add(out, text, form);
    return buffer_string(out);
}

static void
stored_text_cannot_drive_the_terminal(void **state)
{
    (void)state;
    CLEANUP(buffer_release) struct buffer out = {0};
    assert_string_equal(safe(TEXT("a\033[2Jb"), SAFE_TEXT_LINE, &out), "a\xef\xbf\xbd[2Jb");
    assert_string_equal(safe(TEXT("a\nb\tc\r"), SAFE_TEXT_LINE, &out), "a b c ");
    assert_string_equal(safe(TEXT("a\nb\tc"), SAFE_TEXT_BLOCK, &out), "a\nb\tc");
    assert_string_equal(safe(TEXT("\xc2\x9b\x31m\xe2\x80\xae"), SAFE_TEXT_LINE, &out),
        "\xef\xbf\xbd\x31m\xef\xbf\xbd");
    assert_string_equal(safe(TEXT("x\xffy"), SAFE_TEXT_LINE, &out), "x\xef\xbf\xbdy");
    assert_string_equal(
        safe(TEXT("gr\xc3\xbc\xc3\x9f"), SAFE_TEXT_LINE, &out), "gr\xc3\xbc\xc3\x9f");
}

static void
wide_characters_take_two_columns(void **state)
{
    (void)state;
    assert_int_equal(safe_text_width(TEXT("ab\xe6\xbc\xa2")), 4);
    assert_int_equal(safe_text_fit(TEXT("ab\xe6\xbc\xa2"), 3).length, 2);
    assert_int_equal(safe_text_fit(TEXT("ab\xe6\xbc\xa2"), 4).length, 5);
}

static int
tear_down(void **state)
{
    (void)state;
    free(printed);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pipe_gets_tabs_and_no_headings),
        cmocka_unit_test(a_terminal_gets_aligned_columns),
        cmocka_unit_test(other_forms_are_for_programs),
        cmocka_unit_test(an_object_shows_all_its_members),
        cmocka_unit_test(a_value_is_found_by_its_path),
        cmocka_unit_test(stored_text_cannot_drive_the_terminal),
        cmocka_unit_test(wide_characters_take_two_columns),
    };
    return cmocka_run_group_tests_name("output", tests, NULL, tear_down);
}
