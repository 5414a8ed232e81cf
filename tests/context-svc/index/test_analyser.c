#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/base/buffer.h"
#include "common/base/memory.h"
#include "context-svc/index/analyser.h"
#include "context-svc/index/stopword.h"

/* Writes tokens as "word@position", a compound as "=word@position". */
static void
note(void *arg, const struct index_token *token)
{
    struct buffer *out = arg;
    buffer_format(out, "%s%s%.*s@%u", out->length ? " " : "", token->compound ? "=" : "",
        TEXT_FORMAT(token->word), token->position);
}

static int
set_up(void **state)
{
    *state = index_analyser_create();
    return 0;
}

static int
tear_down(void **state)
{
    struct index_analyser *analyser = *state;
    index_analyser_destroy(&analyser);
    return 0;
}

struct example {
    const char *text, *tokens;
};

static void
check(struct index_analyser *analyser, const struct example *examples, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        CLEANUP(buffer_release) struct buffer out = {0};
        index_analyser_run(analyser, text_of(examples[i].text), 0, note, &out);
        assert_string_equal(buffer_string(&out), examples[i].tokens);
    }
}

#define CHECK(state, examples) check(*(state), examples, sizeof(examples) / sizeof *(examples))

static void
words_are_folded_and_counted(void **state)
{
    static const struct example examples[] = {
        {"", ""},
        {"  \t\n", ""},
        {"Hello, World", "hello@0 world@1"},
        {"M\xC3\xBCller stra\xC3\x9F"
         "e",
            "muller@0 strasse@1"},
        {"cafe\xCC\x81 CAF\xC3\x89", "cafe@0 cafe@1"},
        {"\xEF\xBC\xA1\xEF\xBC\xA2 \xEF\xAC\x81le", "ab@0 file@1"}, /* full-width AB, fi ligature */
        {"\xCE\xA9\xCE\x9C\xCE\x95\xCE\x93\xCE\x91", "\xCF\x89\xCE\xBC\xCE\xB5\xCE\xB3\xCE\xB1@0"},
    };
    CHECK(state, examples);
}

static void
identifiers_give_their_parts_and_the_whole(void **state)
{
    static const struct example examples[] = {
        {"parseHTTPHeader", "parse@0 http@1 header@2 =parsehttpheader@0"},
        {"max_segment_units", "max@0 segment@1 units@2 =maxsegmentunits@0"},
        {"__init__", "init@0"},
        {"utf8", "utf@0 8@1 =utf8@0"},
        {"HTTP2Server", "http@0 2@1 server@2 =http2server@0"},
        {"URLs and APIs", "urls@0 and@1 apis@2"},
        {"IDs2", "ids@0 2@1 =ids2@0"},
        {"XMLHttp", "xml@0 http@1 =xmlhttp@0"},
        {"iPhone", "i@0 phone@1 =iphone@0"},
        {"src/index/analyser.c", "src@0 index@1 analyser@2 c@3 =analyserc@2"},
        {"node.js", "node@0 js@1 =nodejs@0"},
        {"sqlite-vec", "sqlite@0 vec@1 =sqlitevec@0"},
        {"a._b", "a@0 b@1"},
        {"C++ c# f#5 a#", "c@0 =c++@0 c@1 =c#@1 f@2 5@3 a@4 =a#@4"},
    };
    CHECK(state, examples);
}

static void
numbers_versions_and_dates_stay_findable(void **state)
{
    static const struct example examples[] = {
        {"42", "42@0"},
        {"2025-06-12", "2025@0 06@1 12@2 =20250612@0"},
        {"v10.13.1", "v@0 10@1 =v10@0 13@2 1@3 =v10.13.1@0"},
        {"127.0.0.1:8051", "127@0 0@1 0@2 1@3 =127.0.0.1@0 8051@4"},
        {"9f86d081884c", "9f86d081884c@0"},
        {"x86_64", "x@0 86@1 64@2 =x8664@0"},
        {"test_9f86d081", "test@0 9f86d081@1 =test9f86d081@0"},
        {"end of it. Next one.", "end@0 of@1 it@2 next@3 one@4"},
    };
    CHECK(state, examples);
}

static void
contractions_lose_their_tails(void **state)
{
    static const struct example examples[] = {
        {"don't", "don@0"},
        {"Caroline's dog", "caroline@0 dog@1"},
        {"we\xE2\x80\x99ve seen", "we@0 seen@1"},
        {"O'Reilly", "o@0 reilly@1 =oreilly@0"},
        {"rock'n'roll", "rock@0 n@1 roll@2 =rocknroll@0"},
        {"'quoted'", "quoted@0"},
    };
    CHECK(state, examples);
}

static void
scripts_without_spaces_give_signs_and_pairs(void **state)
{
    static const struct example examples[] = {
        {"\xE6\x9D\xB1\xE4\xBA\xAC\xE9\x83\xBD",
            "\xE6\x9D\xB1@0 \xE4\xBA\xAC@1 =\xE6\x9D\xB1\xE4\xBA\xAC@0 \xE9\x83\xBD@2 "
            "=\xE4\xBA\xAC\xE9\x83\xBD@1"},
        {"\xE7\x94\xA8Python3\xE5\x86\x99",
            "\xE7\x94\xA8@0 python@1 3@2 =python3@1 \xE5\x86\x99@3"},
        {"\xE6\x9D\xB1 \xE4\xBA\xAC", "\xE6\x9D\xB1@0 \xE4\xBA\xAC@1"},
    };
    CHECK(state, examples);
}

static void
bytes_that_are_not_text_separate_words(void **state)
{
    static const struct example examples[] = {
        {"ab\xFF"
         "cd\xC3",
            "ab@0 cd@1"},
        {"\xCC\x81\xCC\x81", ""},
        {"\xED\xA0\x80x", "x@0"},
    };
    CHECK(state, examples);
    CLEANUP(buffer_release) struct buffer out = {0};
    index_analyser_run(*state, text_from("a\0b", 3), 0, note, &out);
    assert_string_equal(buffer_string(&out), "a@0 b@1");
}

static void
note_offsets(void *arg, const struct index_token *token)
{
    buffer_format(arg, "%u-%u ", token->from, token->to);
}

static void
offsets_point_into_the_original(void **state)
{
    CLEANUP(buffer_release) struct buffer out = {0};

    uint32_t next =
        index_analyser_run(*state, TEXT("M\xC3\xBCller's getURL()"), 7, note_offsets, &out);

    assert_int_equal(next, 10);
    assert_string_equal(buffer_string(&out), "0-7 10-13 13-16 10-16 ");
}

struct last {
    uint64_t term;
    size_t length;
    unsigned count;
};

static void
keep_last(void *arg, const struct index_token *token)
{
    struct last *last = arg;
    *last = (struct last){token->term, token->word.length, last->count + 1};
}

static uint64_t
term_of(struct index_analyser *analyser, const char *word)
{
    struct last last = {0};
    index_analyser_run(analyser, text_of(word), 0, keep_last, &last);
    assert_true(last.count > 0);
    return last.term;
}

static void
forms_of_a_word_are_one_term(void **state)
{
    static const char *const same[][2] = {
        {"running", "runs"},
        {"ran", "run"},
        {"children", "child's"},
        {"went", "going"},
        {"indices", "index"},
        {"nodejs", "node.js"},
        {"parseHttpHeader", "parse_http_headers"},
        {"Chose", "choosing"},
        {"M\xC3\xBCller", "muller"},
    };
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        assert_true(term_of(*state, same[i][0]) == term_of(*state, same[i][1]));
    assert_true(term_of(*state, "c++") != term_of(*state, "c"));
    assert_true(term_of(*state, "10.13.1") != term_of(*state, "10131"));
    assert_true(term_of(*state, "storage") < (UINT64_C(1) << 40));
}

static void
a_megabyte_of_one_letter_is_one_short_token(void **state)
{
    size_t size = 1 << 20;
    CLEANUP(memory_free) char *letters = memory_new(size);
    memset(letters, 'a', size);
    struct last last = {0};

    uint32_t next = index_analyser_run(*state, text_from(letters, size), 0, keep_last, &last);

    assert_int_equal(next, 1);
    assert_int_equal(last.count, 1);
    assert_int_equal(last.length, INDEX_WORD_MAX);
}

static void
the_longest_word_keeps_its_parts(void **state)
{
    char word[INDEX_WORD_MAX + 2] = {0};
    for (size_t i = 0; i < INDEX_WORD_MAX; i++)
        word[i] = (char)(i % 2 ? 'b' : 'A');
    struct last last = {0};
    assert_int_equal(index_analyser_run(*state, text_of(word), 0, keep_last, &last), 32);
    assert_int_equal(last.count, 33);

    word[INDEX_WORD_MAX] = 'c';
    last.count = 0;
    assert_int_equal(index_analyser_run(*state, text_of(word), 0, keep_last, &last), 1);
    assert_int_equal(last.count, 1);
}

static void
questions_are_made_of_stop_words(void **state)
{
    (void)state;
    static const char *const stop[] = {"a", "what", "did", "how", "s", "t", "about", "your"};
    static const char *const seek[] = {"", "storage", "wha", "whats", "zzz", "k", "work"};
    for (size_t i = 0; i < sizeof stop / sizeof *stop; i++)
        assert_true(index_stopword_is_one(text_of(stop[i])));
    for (size_t i = 0; i < sizeof seek / sizeof *seek; i++)
        assert_false(index_stopword_is_one(text_of(seek[i])));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_folded_and_counted),
        cmocka_unit_test(identifiers_give_their_parts_and_the_whole),
        cmocka_unit_test(numbers_versions_and_dates_stay_findable),
        cmocka_unit_test(contractions_lose_their_tails),
        cmocka_unit_test(scripts_without_spaces_give_signs_and_pairs),
        cmocka_unit_test(bytes_that_are_not_text_separate_words),
        cmocka_unit_test(offsets_point_into_the_original),
        cmocka_unit_test(forms_of_a_word_are_one_term),
        cmocka_unit_test(a_megabyte_of_one_letter_is_one_short_token),
        cmocka_unit_test(the_longest_word_keeps_its_parts),
        cmocka_unit_test(questions_are_made_of_stop_words),
    };
    return cmocka_run_group_tests_name("analyser", tests, set_up, tear_down);
}
