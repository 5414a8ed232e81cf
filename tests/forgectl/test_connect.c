#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "forgectl/connect/clients.h"
#include "forgectl/connect/edit.h"
#include "forgectl/connect/file.h"
#include "tests/forgectl/cli_run.h"

static char folder[64];

static int
set_up(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof(folder), "/tmp/forgectl-connect-XXXXXX");
    return mkdtemp(folder) != NULL ? 0 : -1;
}

static int
tear_down(void **state)
{
    (void)state;
    char command[128];
    (void)snprintf(command, sizeof(command), "rm -rf '%s'", folder);
    return system(command); /* NOLINT(cert-env33-c): our own temporary folder */
}

static const char *
path_of(const char *name)
{
    static char path[160];
    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    return path;
}

static void
expect_set(const char *document, const char *expected)
{
    CLEANUP(buffer_release) struct buffer buffer = {0};
    buffer_add_text(&buffer, text_of(document));
    assert_int_equal(edit_set(&buffer, "servers", "x", TEXT("{\"url\":\"u\"}")), EDIT_CHANGED);
    assert_string_equal(buffer_string(&buffer), expected);
    assert_int_equal(edit_set(&buffer, "servers", "x", TEXT("{\"url\":\"u\"}")), EDIT_SAME);
    assert_string_equal(buffer_string(&buffer), expected);
}

static void
a_blank_document_is_begun(void **state)
{
    (void)state;
    expect_set("", "{\n  \"servers\": {\n    \"x\": {\n      \"url\": \"u\"\n    }\n  }\n}\n");
    expect_set(" \n", "{\n  \"servers\": {\n    \"x\": {\n      \"url\": \"u\"\n    }\n  }\n}\n");
    expect_set("{}", "{\n  \"servers\": {\n    \"x\": {\n      \"url\": \"u\"\n    }\n  }\n}");
}

static void
all_other_bytes_are_kept(void **state)
{
    (void)state;
    expect_set("{\t\"a\" : [1,2],\n\t\"servers\": {\n\t\t\"y\":{ }\n\t}\n,\"z\":1e3}\n",
        "{\t\"a\" : [1,2],\n\t\"servers\": {\n\t\t\"y\":{ },\n\t\t\"x\": {\n\t\t\t\"url\": \"u\"\n"
        "\t\t}\n\t}\n,\"z\":1e3}\n");
    expect_set("{\n    \"servers\": { }\n}",
        "{\n    \"servers\": {\n        \"x\": {\n            \"url\": \"u\"\n        }\n    }\n}");
}

static void
an_older_value_is_replaced(void **state)
{
    (void)state;
    expect_set("{\n  \"servers\": {\n    \"x\": {\"url\":\"old\"},\n    \"y\": 1\n  }\n}",
        "{\n  \"servers\": {\n    \"x\": {\n      \"url\": \"u\"\n    },\n    \"y\": 1\n  }\n}");
}

static void
the_same_value_in_other_blanks_is_the_same(void **state)
{
    (void)state;
    CLEANUP(buffer_release) struct buffer buffer = {0};
    buffer_add_text(&buffer, TEXT("{\"servers\":{\"x\":{ \"url\" :\n\"u\"}}}"));
    assert_int_equal(edit_set(&buffer, "servers", "x", TEXT("{\"url\":\"u\"}")), EDIT_SAME);
}

static void
another_type_is_left_alone(void **state)
{
    (void)state;
    CLEANUP(buffer_release) struct buffer buffer = {0};
    buffer_add_text(&buffer, TEXT("{\"servers\":[],\"inputs\":{}}"));
    assert_int_equal(edit_set(&buffer, "servers", "x", TEXT("1")), EDIT_IMPOSSIBLE);
    assert_int_equal(edit_append(&buffer, "inputs", TEXT("{\"id\":\"a\"}")), EDIT_IMPOSSIBLE);
    assert_string_equal(buffer_string(&buffer), "{\"servers\":[],\"inputs\":{}}");
}

static void
an_element_is_appended_once(void **state)
{
    (void)state;
    CLEANUP(buffer_release) struct buffer buffer = {0};
    buffer_add_text(&buffer, TEXT("{\n  \"inputs\": [\n    {\"id\": \"b\"}\n  ]\n}"));
    assert_int_equal(edit_append(&buffer, "inputs", TEXT("{\"id\":\"a\"}")), EDIT_CHANGED);
    assert_int_equal(edit_append(&buffer, "inputs", TEXT("{\"id\":\"a\"}")), EDIT_SAME);
    assert_string_equal(buffer_string(&buffer),
        "{\n  \"inputs\": [\n    {\"id\": \"b\"},\n    {\n      \"id\": \"a\"\n    }\n  ]\n}");
}

static void
only_plain_json_objects_are_edited(void **state)
{
    (void)state;
    struct problem problem = {0};
    assert_int_equal(edit_check(TEXT(""), &problem), STATUS_OK);
    assert_int_equal(edit_check(TEXT("{\"a\":[{}]}\n"), &problem), STATUS_OK);
    static const char *const documents[] = {"{ // comment\n}", "{\"a\":1,}", "[]", "{} {}", "{"};
    for (size_t i = 0; i < sizeof(documents) / sizeof(documents[0]); i++)
        assert_int_equal(edit_check(text_of(documents[i]), &problem), STATUS_INVALID_ARGUMENT);
}

static void
expect_form(const char *client, const char *token_file, const char *program, const char *expected)
{
    CLEANUP(buffer_release) struct buffer json = {0};
    const struct connect_target target = {"http://h/mcp", token_file, program};
    connect_client_write(connect_client_find(client), &target, &json);
    assert_string_equal(buffer_string(&json), expected);
}

static void
each_client_gets_its_form(void **state)
{
    (void)state;
    expect_form("claude", NULL, NULL, "{\"type\":\"http\",\"url\":\"http://h/mcp\"}");
    expect_form("vscode", "/t", NULL,
        "{\"type\":\"http\",\"url\":\"http://h/mcp\",\"headers\":{\"Authorization\":"
        "\"Bearer ${input:forge-token}\"}}");
    expect_form("cursor", "/t", NULL,
        "{\"url\":\"http://h/mcp\",\"headers\":{\"Authorization\":\"Bearer ${env:FORGE_TOKEN}\"}}");
    expect_form("claude", "/t", "/bin/forgectl",
        "{\"type\":\"stdio\",\"command\":\"/bin/forgectl\",\"args\":[\"mcp\",\"stdio\",\"--url\","
        "\"http://h/mcp\",\"--token-file\",\"/t\"]}");
    assert_null(connect_client_find("emacs"));
}

static void
the_clients_own_command_is_quoted(void **state)
{
    (void)state;
    CLEANUP(buffer_release) struct buffer line = {0};
    const struct connect_target target = {"http://h/mcp", "/it's", NULL};
    connect_client_command(connect_client_find("claude"), "forge", &target, &line);
    assert_string_equal(buffer_string(&line),
        "claude mcp add --scope user --transport http 'forge' 'http://h/mcp' "
        "--header \"Authorization: Bearer $(cat '/it'\\''s')\"");
}

static struct cli_result
connect(const char *client, const char *option)
{
    const char *const words[] = {
        "connect", client, "--project-dir", folder, "--url", "http://h/mcp", option, NULL};
    return cli_run(words, NULL);
}

static char *
content_of(const char *name)
{
    struct buffer content = {0};
    struct problem problem = {0};
    assert_int_equal(connect_file_read(path_of(name), &content, &problem), STATUS_OK);
    (void)buffer_string(&content);
    return content.data;
}

static void
the_file_is_made_and_a_second_run_changes_nothing(void **state)
{
    (void)state;
    struct cli_result first = connect("vscode", NULL);
    assert_int_equal(first.code, 0);
    assert_non_null(strstr(first.out, "created\t"));
    assert_non_null(strstr(first.err, "Next: open the folder in VS Code"));
    char *made = content_of(".vscode/mcp.json");
    struct cli_result second = connect("vscode", "--quiet");
    assert_non_null(strstr(second.out, "unchanged\t"));
    assert_string_equal(second.err, "");
    char *same = content_of(".vscode/mcp.json");
    assert_string_equal(made, same);
    free(made);
    free(same);
    cli_result_release(&first);
    cli_result_release(&second);
}

static void
print_shows_and_writes_nothing(void **state)
{
    (void)state;
    struct cli_result result = connect("claude", "--print");
    assert_non_null(strstr(result.out, "\"context-forge\": {"));
    assert_int_equal(access(path_of(".mcp.json"), F_OK), -1);
    cli_result_release(&result);
}

static void
a_file_with_comments_is_left_and_the_lines_are_shown(void **state)
{
    (void)state;
    struct problem problem = {0};
    assert_int_equal(
        connect_file_replace(path_of(".mcp.json"), TEXT("{\n  // mine\n}"), &problem), STATUS_OK);
    struct cli_result result = connect("claude", NULL);
    assert_int_equal(result.code, 78);
    assert_non_null(strstr(result.err, "stays as it is"));
    assert_non_null(strstr(result.out, "\"mcpServers\": {"));
    char *content = content_of(".mcp.json");
    assert_string_equal(content, "{\n  // mine\n}");
    free(content);
    cli_result_release(&result);
}

static void
a_replaced_file_keeps_its_mode_and_its_link(void **state)
{
    (void)state;
    struct problem problem = {0};
    struct stat facts;
    char target[160];
    (void)snprintf(target, sizeof(target), "%s", path_of("real.json"));
    assert_int_equal(connect_file_replace(target, TEXT("{}"), &problem), STATUS_OK);
    assert_int_equal(chmod(target, 0600), 0);
    assert_int_equal(symlink("real.json", path_of("link.json")), 0);

    assert_int_equal(
        connect_file_replace(path_of("link.json"), TEXT("{\"a\":1}"), &problem), STATUS_OK);

    assert_int_equal(lstat(path_of("link.json"), &facts), 0);
    assert_true(S_ISLNK(facts.st_mode));
    assert_int_equal(stat(target, &facts), 0);
    assert_int_equal(facts.st_mode & 0777, 0600);
    assert_int_equal(facts.st_size, 7);
    assert_int_equal(
        connect_file_replace("/proc/nowhere/x", TEXT("{}"), &problem), STATUS_UNAVAILABLE);
    assert_non_null(strstr(problem.text, "cannot write /proc/nowhere/x"));
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_blank_document_is_begun),
        TEST(all_other_bytes_are_kept),
        TEST(an_older_value_is_replaced),
        TEST(the_same_value_in_other_blanks_is_the_same),
        TEST(another_type_is_left_alone),
        TEST(an_element_is_appended_once),
        TEST(only_plain_json_objects_are_edited),
        TEST(each_client_gets_its_form),
        TEST(the_clients_own_command_is_quoted),
        TEST(the_file_is_made_and_a_second_run_changes_nothing),
        TEST(print_shows_and_writes_nothing),
        TEST(a_file_with_comments_is_left_and_the_lines_are_shown),
        TEST(a_replaced_file_keeps_its_mode_and_its_link),
    };
    return cmocka_run_group_tests_name("connect", tests, NULL, NULL);
}
