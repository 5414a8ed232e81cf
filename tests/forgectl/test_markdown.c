#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "forgectl/import/front_matter.h"
#include "forgectl/import/markdown.h"

static void
parts_end_before_headings_blank_lines_lines_or_characters(void **state)
{
    (void)state;
    static const struct {
        const char *document;
        size_t max;
        const char *parts[5];
    } rows[] = {
        {"# A\nx\n# B\ny\n", 8, {"# A\nx\n", "# B\ny\n"}},
        {"```\n# no\n```\n# B\n", 15, {"```\n# no\n```\n", "# B\n"}},
        {"aa\n\nbb\ncc\n", 8, {"aa\n\n", "bb\ncc\n"}},
        {"aaaa\nbbbb\n", 7, {"aaaa\n", "bbbb\n"}},
        {"aa\xe2\x82\xac\xe2\x82\xac", 4, {"aa", "\xe2\x82\xac", "\xe2\x82\xac"}},
        {"short", 8, {"short"}},
        {"", 8, {NULL}},
        {" \n\n", 8, {NULL}},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct markdown markdown;
        struct text part;
        markdown_init(&markdown, text_of(rows[i].document), rows[i].max);
        size_t count = 0;
        for (; markdown_next(&markdown, &part); count++) {
            assert_non_null(rows[i].parts[count]);
            assert_true(text_is(part, rows[i].parts[count]));
        }
        assert_null(rows[i].parts[count]);
    }
}

static void
the_first_heading_is_the_title(void **state)
{
    (void)state;
    assert_true(text_is(markdown_heading(TEXT("x\n   ## A b ##\n# C")), "A b"));
    assert_true(text_is(markdown_heading(TEXT("Title\n=====\n# C")), "Title"));
    assert_true(text_is(markdown_heading(TEXT("~~~\n# no\n~~~\n# yes")), "yes"));
    assert_true(text_is(markdown_heading(TEXT("#tag\n#\n###### six\n")), "six"));
    assert_null(markdown_heading(TEXT("")).data);
    assert_null(markdown_heading(TEXT("####### seven")).data);
}

static struct import_entry matter;

static struct text
read_matter(const char *document)
{
    static struct arena arena;
    static bool is_ready;
    if (is_ready)
        arena_release(&arena);
    is_ready = true;
    arena_init(&arena, 1 << 20);
    matter = (struct import_entry){0};
    struct text body = front_matter_read(text_of(document), &arena, &matter);
    return body;
}

static void
front_matter_that_is_none_is_text(void **state)
{
    (void)state;
    static const char *const documents[] = {"", "---", "---\n", "---\ntitle: x\n", "--- \nx\n---\n",
        "---\n[a\n---\nx", "---\n- a\n---\nx", "----\ntitle: x\n---\nx",
        "text\n---\ntitle: x\n---\n"};
    for (size_t i = 0; i < sizeof(documents) / sizeof(documents[0]); i++) {
        assert_true(text_is(read_matter(documents[i]), documents[i]));
        assert_int_equal(matter.title.length, 0);
    }
}

static void
front_matter_is_read_by_its_names(void **state)
{
    (void)state;
    assert_true(text_is(
        read_matter("---\r\ntitle: \"A: b\"\nnested: {title: no, tags: [no]}\ntags:\n  - one\n"
                    "  - [two]\n  - three\nscope: everyone\nproject: shop\npinned: yes\n...\nbody"),
        "body"));
    assert_true(text_is(matter.title, "A: b"));
    assert_int_equal(matter.tag_count, 2);
    assert_true(text_is(matter.tags[1], "three"));
    assert_int_equal(matter.scope.length, 0);
    assert_true(text_is(matter.project, "shop"));
    assert_true(matter.pinned);
    assert_true(text_is(read_matter("---\n---\nbody"), "body"));
    assert_true(text_is(read_matter("---\ntags: a, b\ntitle: &x T\nkind: *x\n---\n"), ""));
    assert_int_equal(matter.tag_count, 2);
    (void)read_matter("");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_end_before_headings_blank_lines_lines_or_characters),
        cmocka_unit_test(the_first_heading_is_the_title),
        cmocka_unit_test(front_matter_that_is_none_is_text),
        cmocka_unit_test(front_matter_is_read_by_its_names),
    };
    return cmocka_run_group_tests_name("markdown", tests, NULL, NULL);
}
