#include <stdio.h>
#include <string.h>

#include "common/base/buffer.h"
#include "common/base/memory.h"
#include "tests/context-svc/index/fixture.h"

static const char ellipsis[] = "\xE2\x80\xA6";

/* The snippet of the only document, searched with `words`. */
static const char *
snippet_of(struct fixture *self, const char *content, const char *words, size_t max_bytes)
{
    static char shown[256];
    CLEANUP(buffer_release) struct buffer out = {0};
    fixture_add(self, 1, content);
    fixture_commit(self);
    struct index_query query = query_of(words);
    fixture_search(self, &query);
    assert_int_equal(self->result.hit_count, 1);
    index_snippet(
        self->reader, &self->result, &self->result.hits[0], text_of(content), max_bytes, &out);
    assert_true(out.length <= max_bytes);
    assert_true(text_is_utf8(buffer_text(&out)));
    assert_true(out.length < sizeof shown);
    return memcpy(shown, buffer_string(&out), out.length + 1);
}

static void
a_short_text_is_given_whole(void **state)
{
    assert_string_equal(snippet_of(*state, "a short text", "short", 100), "a short text");
    assert_string_equal(snippet_of(*state, "a short text", "short", 12), "a short text");
}

static void
the_window_lies_where_the_words_are(void **state)
{
    static const char content[] =
        "The first sentence speaks of a disk alone. Then comes a long part about other things, of "
        "no use to anyone who asks. The disk error was cured by a new cable in the second rack. "
        "And after that follows more that nobody asked for, to the end of the text.";
    const char *snippet = snippet_of(*state, content, "disk error cable", 80);
    assert_non_null(strstr(snippet, "disk error was cured by a new cable"));
    assert_memory_equal(snippet, ellipsis, 3);
    assert_string_equal(snippet + strlen(snippet) - 3, ellipsis);
    char cut[100];
    snprintf(cut, sizeof cut, " %.*s ", (int)strlen(snippet) - 6, snippet + 3);
    assert_non_null(strstr(content, cut)); /* whole words */

    snippet = snippet_of(*state, content, "first sentence", 60);
    assert_memory_equal(snippet, "The first sentence", 18);
    snippet = snippet_of(*state, content, "end of the text", 60);
    assert_non_null(strstr(snippet, "the end of the text."));
}

static void
other_forms_of_a_word_count(void **state)
{
    static const char content[] =
        "Nothing at all is said in this first part of it, which goes on for a while. They ran "
        "parseHTTPHeader twice. Nothing at all is said in this last part of it either.";
    const char *snippet = snippet_of(*state, content, "running parse_http_header", 60);
    assert_non_null(strstr(snippet, "ran parseHTTPHeader"));
}

static void
without_a_place_the_beginning_is_shown(void **state)
{
    struct fixture *self = *state;
    static const char content[] = "The beginning of a text that does not hold the word at all.";
    struct index_document document = document_of(1, content);
    document.title = TEXT("Lighthouse");
    index_add(self->index, self->batch, &document);
    fixture_commit(self);
    assert_finds(self, "lighthouse", "1");
    CLEANUP(buffer_release) struct buffer out = {0};
    index_snippet(self->reader, &self->result, &self->result.hits[0], text_of(content), 30, &out);
    assert_memory_equal(out.data, "The beginning", 13);
    assert_true(out.length <= 30);
}

static void
characters_are_never_cut(void **state)
{
    struct fixture *self = *state;
    CLEANUP(buffer_release) struct buffer content = {0};
    for (int i = 0; i < 60; i++)
        buffer_add_text(&content, TEXT("\xE6\x9D\xB1\xE4\xBA\xAC\xC3\xA9"));
    buffer_add_text(&content, TEXT(" needle "));
    for (int i = 0; i < 60; i++)
        buffer_add_text(&content, TEXT("\xE6\x9D\xB1\xE4\xBA\xAC\xC3\xA9"));
    for (size_t size = 0; size < 80; size++) {
        const char *snippet = snippet_of(self, buffer_string(&content), "needle", size);
        assert_true(size < 14 || strstr(snippet, "needle"));
    }
}

static void
a_megabyte_is_searched_near_its_best_part(void **state)
{
    struct fixture *self = *state;
    enum { SIZE = 1 << 20, AT = 700000 };
    CLEANUP(memory_free) char *content = memory_new(SIZE + 1);
    for (size_t i = 0; i < SIZE; i++)
        content[i] = (char)(i % 8 == 7 ? ' ' : 'a' + i / 8 % 26);
    const struct text best = TEXT(" kingfisher ");
    memcpy(content + AT, best.data, best.length);
    const char *snippet = snippet_of(self, content, "kingfisher", 100);
    assert_non_null(strstr(snippet, "kingfisher"));

    memset(content, 'a', SIZE); /* one word, longer than any snippet */
    snippet = snippet_of(self, content, content, 100);
    assert_true(strlen(snippet) >= 64);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_short_text_is_given_whole),
        TEST(the_window_lies_where_the_words_are),
        TEST(other_forms_of_a_word_count),
        TEST(without_a_place_the_beginning_is_shown),
        TEST(characters_are_never_cut),
        TEST(a_megabyte_is_searched_near_its_best_part),
    };
    return cmocka_run_group_tests_name("index snippets", tests, NULL, NULL);
}
