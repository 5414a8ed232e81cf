#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "forgectl/import/moment.h"
#include "forgectl/import/record.h"

struct fixture {
    struct arena arena;
    struct import_entry entry;
    struct problem problem;
    struct buffer json;
};

static int
set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    arena_init(&fixture->arena, 1 << 20);
    *state = fixture;
    return 0;
}

static int
tear_down(void **state)
{
    struct fixture *fixture = *state;
    arena_release(&fixture->arena);
    buffer_release(&fixture->json);
    free(fixture);
    return 0;
}

static enum status
read_record(struct fixture *self, const char *line)
{
    self->entry = (struct import_entry){0};
    return import_record_read(text_of(line), &self->arena, &self->entry, &self->problem);
}

static const char *
written(struct fixture *self)
{
    buffer_clear(&self->json);
    import_entry_write(&self->entry, &self->json);
    return buffer_string(&self->json);
}

static void
all_that_an_entry_has_is_read(void **state)
{
    struct fixture *self = *state;

    assert_int_equal(
        read_record(self, "{\"content\":\"a\\nb\",\"title\":\"T\\tx\",\"kind\":\"Error Fix\","
                          "\"tags\":[\"x\",\" y \",\"x\"],\"project\":\"p\",\"scope\":\"team\","
                          "\"created_at\":\"2026-11-24 07:30:00\",\"pinned\":true,\"more\":{}}"),
        STATUS_OK);

    assert_string_equal(written(self),
        "{\"content\":\"a\\nb\",\"title\":\"T x\",\"kind\":\"error-fix\",\"project\":\"p\","
        "\"scope\":\"team\",\"created_at\":\"2026-11-24T07:30:00Z\",\"tags\":[\"x\",\"y\"],"
        "\"pinned\":true}");
}

static void
other_names_are_understood(void **state)
{
    struct fixture *self = *state;

    assert_int_equal(read_record(self, "{\"_id\":\"17\",\"title\":\"T\",\"text\":\"words\","
                                       "\"memory_type\":\"decision\",\"labels\":\"a, b\","
                                       "\"created_at_iso\":1700000000,\"date\":\"8 May\"}"),
        STATUS_OK);

    assert_string_equal(written(self),
        "{\"content\":\"words\",\"title\":\"T\",\"kind\":\"decision\","
        "\"created_at\":\"2023-11-14T22:13:20.000Z\",\"tags\":[\"id:17\",\"a\",\"b\"]}");
}

static void
a_title_alone_is_the_text(void **state)
{
    struct fixture *self = *state;
    assert_int_equal(
        read_record(self, "{\"id\":4,\"title\":\"only this\",\"text\":\"\"}"), STATUS_OK);
    assert_string_equal(
        written(self), "{\"content\":\"only this\",\"title\":\"only this\",\"tags\":[\"id:4\"]}");
}

static void
a_record_without_text_is_passed_over(void **state)
{
    struct fixture *self = *state;
    assert_int_equal(read_record(self, "{\"id\":\"471\",\"title\":\"\",\"text\":\" \"}"),
        STATUS_FAILED_PRECONDITION);
    assert_int_equal(read_record(self, "{}"), STATUS_FAILED_PRECONDITION);
    assert_int_equal(read_record(self, "{\"text\":null}"), STATUS_FAILED_PRECONDITION);
}

static void
a_wrong_type_is_told_with_its_name(void **state)
{
    struct fixture *self = *state;
    assert_int_equal(read_record(self, "{\"content\":[1]}"), STATUS_INVALID_ARGUMENT);
    assert_string_equal(self->problem.text, "content: a string is expected here (byte 12)");
    assert_int_equal(
        read_record(self, "{\"content\":\"x\",\"tags\":[1]}"), STATUS_INVALID_ARGUMENT);
    assert_int_equal(
        read_record(self, "{\"content\":\"x\",\"scope\":\"all\"}"), STATUS_INVALID_ARGUMENT);
    assert_int_equal(
        read_record(self, "{\"content\":\"x\",\"created_at\":\"soon\"}"), STATUS_INVALID_ARGUMENT);
    assert_int_equal(
        read_record(self, "{\"content\":\"x\",\"pinned\":1}"), STATUS_INVALID_ARGUMENT);
    assert_int_equal(read_record(self, "[]"), STATUS_INVALID_ARGUMENT);
    assert_int_equal(read_record(self, "{\"content\":\"x\"} x"), STATUS_INVALID_ARGUMENT);
    assert_int_equal(read_record(self, "{\"content\":\"x"), STATUS_INVALID_ARGUMENT);
}

static void
a_text_at_the_limit_passes_and_one_byte_more_does_not(void **state)
{
    struct fixture *self = *state;
    CLEANUP(buffer_release) struct buffer content = {0};
    for (size_t i = 0; i < IMPORT_CONTENT_MAX; i++)
        buffer_add_byte(&content, 'a');
    self->entry.content = buffer_text(&content);
    assert_int_equal(import_record_check(&self->entry, &self->problem), STATUS_OK);
    buffer_add_byte(&content, 'a');
    self->entry.content = buffer_text(&content);
    assert_int_equal(import_record_check(&self->entry, &self->problem), STATUS_INVALID_ARGUMENT);
}

static void
tags_and_kinds_are_kept_within_their_limits(void **state)
{
    (void)state;
    struct import_entry entry = {0};
    char kind[IMPORT_KIND_MAX + 1];
    char names[40][16];
    import_entry_add_tag(&entry,
        TEXT("a tag of more than sixty-four bytes, which is what a tag can hold at most, really"));
    assert_int_equal(entry.tags[0].length, IMPORT_TAG_MAX);
    import_entry_add_tag(&entry, TEXT("bad\nline"));
    assert_int_equal(entry.tag_count, 1);
    for (int i = 0; i < 40; i++) {
        (void)snprintf(names[i], sizeof(names[i]), "t%d", i);
        import_entry_add_tag(&entry, text_of(names[i]));
    }
    assert_int_equal(entry.tag_count, IMPORT_TAGS_MAX);
    import_entry_set_kind(&entry, TEXT("  7 Bug / Report !"), kind);
    assert_string_equal(kind, "bug-report");
    import_entry_set_kind(&entry, TEXT("abcdefghijklmnopqrstuvwxyzabcdefghijk"), kind);
    assert_int_equal(entry.kind.length, IMPORT_KIND_MAX);
    import_entry_set_kind(&entry, TEXT("\xe6\xbc\xa2"), kind);
    assert_int_equal(entry.kind.length, 0);
}

static void
the_key_depends_on_every_part(void **state)
{
    (void)state;
    char key[IMPORT_KEY_SIZE];
    char other[IMPORT_KEY_SIZE];
    import_entry_key(TEXT("run"), TEXT("a:1"), TEXT("{}"), key);
    assert_int_equal(strlen(key), 64);
    import_entry_key(TEXT("run"), TEXT("a:1"), TEXT("{}"), other);
    assert_string_equal(key, other);
    import_entry_key(TEXT("run"), TEXT("a:1"), TEXT("{ }"), other);
    assert_string_not_equal(key, other);
    import_entry_key(TEXT("run"), TEXT("a:2"), TEXT("{}"), other);
    assert_string_not_equal(key, other);
    import_entry_key(TEXT("again"), TEXT("a:1"), TEXT("{}"), other);
    assert_string_not_equal(key, other);
}

static void
moments_come_in_several_forms(void **state)
{
    (void)state;
    static const struct {
        const char *given;
        const char *expected; /* NULL: none */
    } rows[] = {
        {"2026-11-24", "2026-11-24T00:00:00Z"},
        {"2026-11-24T07:30:00Z", "2026-11-24T07:30:00Z"},
        {"2026-11-24T07:30:00.125+02:00", "2026-11-24T07:30:00.125+02:00"},
        {"2026-11-24 07:30:00", "2026-11-24T07:30:00Z"},
        {"2026-11-24 07:30:00 -05:00", "2026-11-24T07:30:00-05:00"},
        {"2026-11-24T07:30", NULL},
        {"2026-11-24T07:30:00 UTC", NULL},
        {"2026-11-24x07:30:00", NULL},
        {"24.11.2026", NULL},
        {"", NULL},
        {"2026-11-24T07:30:00.1234567890123456789012345678901234567890Z", NULL},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char out[IMPORT_MOMENT_SIZE] = "";
        bool is_moment = import_moment_of_text(text_of(rows[i].given), out);
        assert_int_equal(is_moment, rows[i].expected != NULL);
        if (is_moment)
            assert_string_equal(out, rows[i].expected);
    }
    char out[IMPORT_MOMENT_SIZE];
    assert_true(import_moment_of_number(1700000000123, out));
    assert_string_equal(out, "2023-11-14T22:13:20.123Z");
    assert_false(import_moment_of_number(-1, out));
    assert_false(import_moment_of_number(INT64_MAX, out));
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(all_that_an_entry_has_is_read),
        TEST(other_names_are_understood),
        TEST(a_title_alone_is_the_text),
        TEST(a_record_without_text_is_passed_over),
        TEST(a_wrong_type_is_told_with_its_name),
        TEST(a_text_at_the_limit_passes_and_one_byte_more_does_not),
        TEST(tags_and_kinds_are_kept_within_their_limits),
        TEST(the_key_depends_on_every_part),
        TEST(moments_come_in_several_forms),
    };
    return cmocka_run_group_tests_name("import record", tests, NULL, NULL);
}
