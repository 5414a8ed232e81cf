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

#include "forgectl/import/detect.h"
#include "forgectl/import/lines.h"

static char folder[64];

static int
set_up(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof(folder), "/tmp/forgectl-import-XXXXXX");
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
put(const char *name, const char *content, size_t length)
{
    FILE *file = fopen(path_of(name), "w");
    assert_non_null(file);
    assert_int_equal(fwrite(content, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

static void
put_text(const char *name, const char *content)
{
    put(name, content, strlen(content));
}

/* Everything a source gives, a line each, as "place status json|words". */
static char *
drain(const char *path, const char *format)
{
    struct buffer all = {0};
    struct problem problem = {0};
    CLEANUP(import_source_destroy) struct import_source *source = NULL;
    enum status status = import_source_open(path, format, stdin, &source, &problem);
    if (status != STATUS_OK) {
        buffer_format(&all, "%s: %s", status_name(status), problem.text);
        (void)buffer_string(&all);
        return all.data;
    }
    struct import_entry entry = {0};
    while ((status = source->next(source, &entry, &problem)) != STATUS_NOT_FOUND) {
        buffer_format(&all, "%zu ", entry.line);
        if (status == STATUS_OK)
            import_entry_write(&entry, &all);
        else
            buffer_format(&all, "%s", status == STATUS_FAILED_PRECONDITION ? "-" : problem.text);
        buffer_add_byte(&all, '\n');
    }
    (void)buffer_string(&all);
    return all.data;
}

static void
expect(const char *path, const char *format, const char *expected)
{
    char *got = drain(path, format);
    assert_string_equal(got, expected);
    free(got);
}

static void
lines_are_bounded(void **state)
{
    (void)state;
    FILE *file = tmpfile();
    (void)fputs("first\r\n\n", file);
    for (int i = 0; i < LINES_LINE_MAX; i++)
        (void)fputc('a', file);
    (void)fputc('\n', file);
    for (int i = 0; i < LINES_LINE_MAX + 200000; i++)
        (void)fputc('b', file);
    (void)fputs("\nlast", file);
    rewind(file);
    CLEANUP(lines_release) struct lines lines;
    lines_init(&lines, file);
    struct text line;

    assert_int_equal(lines_next(&lines, &line), STATUS_OK);
    assert_true(text_is(line, "first"));
    assert_int_equal(lines_next(&lines, &line), STATUS_OK);
    assert_int_equal(line.length, 0);
    assert_int_equal(lines_next(&lines, &line), STATUS_OK);
    assert_int_equal(line.length, LINES_LINE_MAX);
    assert_int_equal(lines_next(&lines, &line), STATUS_OUT_OF_RANGE);
    assert_int_equal(lines.number, 4);
    assert_int_equal(lines_next(&lines, &line), STATUS_OK);
    assert_true(text_is(line, "last"));
    assert_int_equal(lines_next(&lines, &line), STATUS_NOT_FOUND);
    assert_int_equal(lines_next(&lines, &line), STATUS_NOT_FOUND);
    (void)fclose(file);
}

static void
jsonl_gives_entries_and_line_numbers(void **state)
{
    (void)state;
    put_text("notes.jsonl",
        "\xef\xbb\xbf{\"text\":\"one\"}\n\n{\"text\":7}\n{\"text\":\"\"}\n{\"text\":\"two\"}");
    expect(path_of("notes.jsonl"), "auto",
        "1 {\"content\":\"one\"}\n3 text: a string is expected here (byte 9)\n4 -\n"
        "5 {\"content\":\"two\"}\n");
}

static void
a_whole_json_document_is_told_how_to_become_lines(void **state)
{
    (void)state;
    put_text("notes.json", "[\n{\"text\":\"one\"}]");
    char *got = drain(path_of("notes.json"), "auto");
    assert_non_null(strstr(got, "jq -c '.[]'"));
    free(got);
}

static void
a_missing_file_is_named(void **state)
{
    (void)state;
    expect("/nowhere/at/all", "auto",
        "not-found: cannot read /nowhere/at/all: No such file or directory");
}

static void
the_memory_servers_graph_becomes_entries(void **state)
{
    (void)state;
    put_text("memory.jsonl",
        "{\"type\":\"entity\",\"name\":\"Ann\",\"entityType\":\"Lead Dev\",\"observations\":"
        "[\"likes tea\",\"is \\\"here\\\"\"]}\n"
        "{\"type\":\"entity\",\"name\":\"Acme\",\"entityType\":\"company\",\"observations\":[]}\n"
        "{\"type\":\"relation\",\"from\":\"Ann\",\"to\":\"Acme\",\"relationType\":\"works_at\"}\n"
        "{\"type\":\"relation\",\"from\":\"Bob\",\"to\":\"Acme\",\"relationType\":\"left\"}\n"
        "{\"type\":\"relation\",\"from\":\"Ann\",\"to\":\"Bob\",\"relationType\":\"knows\"}\n"
        "{\"type\":\"relation\",\"from\":\"Ann\",\"to\":\"\",\"relationType\":\"knows\"}\n");
    expect(path_of("memory.jsonl"), "auto",
        "1 {\"content\":\"Ann (Lead Dev)\\n- likes tea\\n- is \\\"here\\\"\\nRelations:\\n"
        "- Ann works at Acme\\n- Ann knows Bob\\n\",\"title\":\"Ann\",\"kind\":\"lead-dev\","
        "\"tags\":[\"server-memory\"]}\n"
        "2 {\"content\":\"Acme (company)\\n\",\"title\":\"Acme\",\"kind\":\"company\","
        "\"tags\":[\"server-memory\"]}\n"
        "6 neither an entity with a name nor a relation with from, to and type\n"
        "0 {\"content\":\"Bob\\nRelations:\\n- Bob left Acme\\n\",\"title\":\"Bob\","
        "\"tags\":[\"server-memory\"]}\n");
}

static void
a_folder_gives_its_markdown_files_in_order(void **state)
{
    (void)state;
    assert_int_equal(mkdir(path_of("docs"), 0700), 0);
    assert_int_equal(mkdir(path_of(".git"), 0700), 0);
    put_text("docs/b.md", "---\ntitle: From the front\ntags: [x, y]\nkind: Decision\n"
                          "date: 2026-01-02\n---\n# Heading\n\ntext\n");
    put_text("docs/a.markdown", "intro\n\n## Words here ##\n");
    put_text("plain.md", "no heading\n");
    put_text("empty.md", " \n");
    put("bad.md", "\xff\xfe", 2);
    put_text("ignored.txt", "text");
    put_text(".git/config.md", "text");
    expect(folder, "auto",
        "0 it is no UTF-8 text\n"
        "0 {\"content\":\"intro\\n\\n## Words here ##\\n\",\"title\":\"Words here\","
        "\"tags\":[\"file:docs/a.markdown\"]}\n"
        "0 {\"content\":\"# Heading\\n\\ntext\\n\",\"title\":\"From the front\","
        "\"kind\":\"decision\",\"created_at\":\"2026-01-02T00:00:00Z\","
        "\"tags\":[\"x\",\"y\",\"file:docs/b.md\"]}\n"
        "0 -\n"
        "0 {\"content\":\"no heading\\n\",\"title\":\"plain\",\"tags\":[\"file:plain.md\"]}\n");
}

static void
a_long_file_becomes_several_entries(void **state)
{
    (void)state;
    CLEANUP(buffer_release) struct buffer document = {0};
    buffer_format(&document, "# Book\n");
    for (int chapter = 1; chapter <= 3; chapter++) {
        buffer_format(&document, "## Chapter %d\n", chapter);
        for (int i = 0; i < 15000; i++)
            buffer_format(&document, "twelve bytes\n");
    }
    put("book.md", document.data, document.length);
    CLEANUP(import_source_destroy) struct import_source *source = NULL;
    struct problem problem = {0};
    struct import_entry entry = {0};
    assert_int_equal(
        import_source_open(path_of("book.md"), "auto", stdin, &source, &problem), STATUS_OK);
    static const char *const titles[] = {"Book", "Book: Chapter 2", "Book: Chapter 3"};
    size_t total = 0;
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(source->next(source, &entry, &problem), STATUS_OK);
        assert_true(text_is(entry.title, titles[i]));
        assert_true(text_is(entry.tags[0], "file:book.md"));
        total += entry.content.length;
    }
    assert_int_equal(source->next(source, &entry, &problem), STATUS_NOT_FOUND);
    assert_int_equal(total, document.length);
    assert_int_equal(source->done_bytes, source->total_bytes);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(lines_are_bounded),
        TEST(jsonl_gives_entries_and_line_numbers),
        TEST(a_whole_json_document_is_told_how_to_become_lines),
        TEST(a_missing_file_is_named),
        TEST(the_memory_servers_graph_becomes_entries),
        TEST(a_folder_gives_its_markdown_files_in_order),
        TEST(a_long_file_becomes_several_entries),
    };
    return cmocka_run_group_tests_name("import sources", tests, NULL, NULL);
}
