#include <curl/curl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/forgectl/verb_fixture.h"

static void
a_save_sends_its_options_and_prints_id_and_outcome(void **state)
{
    (void)state;
    verb_answer("200 OK", "{\"id\":\"0199\",\"outcome\":\"created\"}");

    verb_expect(RUN("context", "save", "use WAL", "--kind", "decision", "--title=T", "--tag=a",
                    "--tag=b", "--project", "p", "--scope", "team", "--pin"),
        0, "0199\tcreated\n", "");

    verb_expect_body("/api/v1/tools/context_save",
        "{\"content\":\"use WAL\",\"kind\":\"decision\",\"title\":\"T\",\"tags\":[\"a\",\"b\"],"
        "\"project\":\"p\",\"scope\":\"team\",\"pinned\":true}");
}

static void
a_save_reads_standard_input(void **state)
{
    (void)state;
    verb_answer("200 OK", "{\"id\":\"0199\",\"outcome\":\"created\"}");
    const char *const words[] = {"context", "save", "-o", "value", NULL};

    verb_expect(cli_run(words, "from a pipe\n"), 0, "0199\n", "");

    verb_expect_body("/api/v1/tools/context_save", "{\"content\":\"from a pipe\\n\"}");
}

static void
a_save_without_text_is_refused_before_it_is_sent(void **state)
{
    (void)state;
    verb_expect(RUN("context", "save", " "), 2, "",
        "forgectl: there is no text to save: forgectl context save TEXT\n");
    verb_expect(RUN("context", "save", "\xff"), 2, "",
        "forgectl: the text must be UTF-8 without NUL bytes\n");
    verb_stop();
    assert_int_equal(verb_request_count(), 0);
}

static void
a_search_prints_score_id_kind_title_snippet(void **state)
{
    (void)state;
    verb_answer("200 OK",
        "{\"results\":[{\"id\":\"0199\",\"score\":0.91,\"kind\":\"note\",\"title\":\"T\","
        "\"snippet\":\"a\\nb\"}],\"total\":1}");

    verb_expect(RUN("context", "search", "how", "long", "--limit", "3", "--min-score", "0.5"), 0,
        "0.91\t0199\tnote\tT\ta b\n", "");

    verb_expect_body("/api/v1/tools/context_search",
        "{\"query\":\"how long\",\"limit\":3,\"min_score\":0.5,\"max_tokens\":100000}");
}

static void
a_get_prints_the_text_whole(void **state)
{
    (void)state;
    verb_answer(
        "200 OK", "{\"entries\":[{\"id\":\"a\",\"title\":\"T\",\"content\":\"x\\ty\\n\"}]}");

    verb_expect(RUN("context", "get", "a"), 0, "x\ty\n", "");

    verb_expect_body("/api/v1/tools/context_get", "{\"ids\":[\"a\"],\"max_tokens\":100000}");
}

static void
several_texts_have_headings(void **state)
{
    (void)state;
    verb_answer("200 OK", "{\"entries\":[{\"id\":\"a\",\"title\":\"T\",\"content\":\"x\"}]}");

    verb_expect(RUN("context", "get", "a", "b"), 0, "== a T\nx\n== a T\nx\n", "");
}

static void
what_is_missing_is_named(void **state)
{
    (void)state;
    verb_answer("200 OK", "{\"entries\":[],\"missing\":[\"b\"]}");

    verb_expect(RUN("context", "get", "b"), 5, "",
        "forgectl: no entry b\n  'forgectl context search' finds ids\n");
    verb_expect(RUN("context", "get", "b", "-o", "json"), 5,
        "{\"entries\":[],\"missing\":[\"b\"]}\n",
        "{\"error\":{\"code\":\"not-found\",\"message\":\"no entry b\","
        "\"hint\":\"'forgectl context search' finds ids\"}}\n");
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, verb_set_up, verb_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_save_sends_its_options_and_prints_id_and_outcome),
        TEST(a_save_reads_standard_input),
        TEST(a_save_without_text_is_refused_before_it_is_sent),
        TEST(a_search_prints_score_id_kind_title_snippet),
        TEST(a_get_prints_the_text_whole),
        TEST(several_texts_have_headings),
        TEST(what_is_missing_is_named),
    };
    (void)curl_global_init(CURL_GLOBAL_DEFAULT);
    int failures = cmocka_run_group_tests_name("context verbs", tests, NULL, NULL);
    curl_global_cleanup();
    return failures;
}
