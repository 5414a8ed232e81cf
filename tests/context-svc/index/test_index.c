#include <stdio.h>
#include <string.h>

#include "tests/context-svc/index/fixture.h"

static void
what_was_added_is_found(void **state)
{
    struct fixture *self = *state;
    assert_finds(self, "anything", "");
    fixture_add(self, 1, "The gateway refuses a body without length");
    fixture_add(self, 2, "The gateway restarts in two seconds");
    assert_finds(self, "gateway", "");
    fixture_commit(self);

    assert_finds(self, "gateway restarts", "2 1");
    assert_finds(self, "Restarting", "2");
    assert_finds(self, "unheard", "");
    assert_int_equal(index_view_documents(self->view), 2);
}

static void
what_was_removed_is_gone(void **state)
{
    struct fixture *self = *state;
    fixture_add(self, 1, "alpha beta");
    fixture_add(self, 2, "alpha gamma");
    fixture_commit(self);
    fixture_remove(self, 1);
    fixture_remove(self, 99);
    fixture_commit(self);

    assert_finds(self, "alpha", "2");
    assert_finds(self, "beta", "");
    assert_int_equal(index_view_documents(self->view), 1);
}

static void
an_update_replaces_the_words(void **state)
{
    struct fixture *self = *state;
    fixture_add(self, 1, "alpha beta");
    fixture_commit(self);
    fixture_add(self, 1, "alpha gamma");
    fixture_commit(self);

    assert_finds(self, "beta", "");
    assert_finds(self, "gamma", "1");
    assert_int_equal(index_view_documents(self->view), 1);
}

static void
changes_of_one_batch_see_each_other(void **state)
{
    struct fixture *self = *state;
    fixture_add(self, 1, "first draft");
    fixture_add(self, 1, "second draft");
    fixture_add(self, 2, "fleeting");
    fixture_remove(self, 2);
    fixture_commit(self);

    assert_finds(self, "draft first second", "1");
    assert_int_equal(self->result.hits[0].matched, 5);
    assert_finds(self, "fleeting", "");
    fixture_reopen(self);
    assert_finds(self, "draft", "1");
    assert_int_equal(index_view_documents(self->view), 1);
}

static void
a_discarded_batch_never_was(void **state)
{
    struct fixture *self = *state;
    fixture_add(self, 1, "alpha beta");
    fixture_add(self, 2, "alpha delta");
    fixture_commit(self);
    fixture_add(self, 1, "omega");
    fixture_remove(self, 2);
    fixture_add(self, 3, "alpha");
    fixture_add(self, 3, "psi");
    fixture_discard(self);

    fixture_add(self, 4, "alpha epsilon");
    fixture_commit(self);
    assert_finds(self, "alpha", "4 2 1");
    assert_finds(self, "omega psi", "");
    fixture_remove(self, 1);
    fixture_commit(self);
    assert_finds(self, "alpha", "4 2");
}

static void
titles_and_tags_weigh_more(void **state)
{
    struct fixture *self = *state;
    const struct text tags[] = {TEXT("lantern"), TEXT("two words")};
    struct index_document document = document_of(1, "one lantern here and some more of the words");
    index_add(self->index, self->batch, &document);
    document = document_of(2, "nothing of it in here but some more of the words");
    document.title = TEXT("The lantern");
    index_add(self->index, self->batch, &document);
    document = document_of(3, "nothing of it in here but some more of the words");
    document.tags = tags;
    document.tag_count = 2;
    index_add(self->index, self->batch, &document);
    fixture_commit(self);

    assert_finds(self, "lantern", "2 3 1");
    assert_finds(self, "two", "3");
    assert_finds(self, "note", "1 3 2"); /* the shorter first */
}

static void
every_form_of_an_identifier_finds_it(void **state)
{
    struct fixture *self = *state;
    fixture_add(self, 1, "Call parseHTTPHeader before the body");
    fixture_add(self, 2, "some other header");
    fixture_commit(self);

    assert_finds(self, "parse_http_header", "1 2");
    assert_finds(self, "parsehttpheader", "1");
    assert_finds(self, "ParseHttp", "1");
    assert_finds(self, "HEADERS", "2 1");
}

static void
adjacent_words_come_first(void **state)
{
    struct fixture *self = *state;
    fixture_add(self, 1, "disk of the machine gave an odd sound and then error");
    fixture_add(self, 2, "disk error of the machine gave an odd sound and then");
    fixture_commit(self);

    assert_finds(self, "disk error", "2 1");
    assert_true(self->result.hits[0].score > self->result.hits[1].score);
}

static void
equal_scores_are_ordered_by_age_then_id(void **state)
{
    struct fixture *self = *state;
    for (uint32_t number = 1; number <= 3; number++) {
        struct index_document document = document_of(number, "same words");
        document.created_at_ms = number == 2 ? 9000 : 5000;
        index_add(self->index, self->batch, &document);
    }
    fixture_commit(self);

    assert_finds(self, "same words", "2 1 3");
}

static void
a_query_of_stop_words_alone_is_a_query(void **state)
{
    struct fixture *self = *state;
    fixture_add(self, 1, "what is this");
    fixture_add(self, 2, "nothing");
    fixture_commit(self);

    assert_finds(self, "what is this nothing", "2");
    assert_finds(self, "What is this?", "1");
    assert_int_equal(self->result.word_count, 3);
    assert_true(text_is(self->result.words[0], "what"));
}

static void
a_query_without_words_is_refused(void **state)
{
    struct fixture *self = *state;
    struct problem problem = {0};
    const char *const wordless[] = {"", "  ", "?!", "\xFF\xFE"};
    for (size_t i = 0; i < sizeof wordless / sizeof *wordless; i++) {
        struct index_query query = query_of(wordless[i]);
        assert_int_equal(
            index_search(self->reader, self->view, self->snapshot, &query, &self->result, &problem),
            STATUS_INVALID_ARGUMENT);
    }
    assert_string_equal(problem.text, "the query holds no word to search for");
}

static void
hits_say_which_words_they_hold(void **state)
{
    struct fixture *self = *state;
    fixture_add(self, 1, "red green");
    fixture_add(self, 2, "blue");
    fixture_commit(self);

    assert_finds(self, "Blue the Red, nowhere green", "1 2");
    assert_int_equal(self->result.word_count, 4);
    assert_true(text_is(self->result.words[0], "blue"));
    assert_true(text_is(self->result.words[1], "red"));
    assert_true(text_is(self->result.words[2], "nowhere"));
    assert_true(text_is(self->result.words[3], "green"));
    assert_int_equal(self->result.hits[0].matched, 2 | 8);
    assert_int_equal(self->result.hits[1].matched, 1);
}

static void
a_long_query_keeps_its_rarest_words(void **state)
{
    struct fixture *self = *state;
    char words[1024] = "";
    for (int i = 0; i < 40; i++)
        snprintf(words + strlen(words), sizeof words - strlen(words), "common%c%c ", 'a' + i / 26,
            'a' + i % 26);
    fixture_add(self, 1, words);
    fixture_add(self, 2, words);
    fixture_add(self, 3, "needle");
    fixture_commit(self);
    char query[1100];
    snprintf(query, sizeof query, "%s needle", words);

    assert_finds(self, query, "2 1 3");
    assert_int_equal(self->result.word_count, INDEX_WORDS_MAX);
    assert_true(text_is(self->result.words[INDEX_WORDS_MAX - 1], "needle"));
}

static void
scores_lie_between_zero_and_one(void **state)
{
    struct fixture *self = *state;
    fixture_add(self, 1, "quartz quartz quartz quartz quartz quartz");
    fixture_add(self, 2, "quartz and basalt");
    fixture_add(self, 3, "a long text that mentions basalt once among many other words of no use");
    fixture_commit(self);

    assert_finds(self, "quartz basalt", "2 1 3");
    assert_true(self->result.hits[0].score > 0.8F && self->result.hits[0].score <= 1);
    assert_true(self->result.hits[2].score > 0 && self->result.hits[2].score < 0.6F);

    struct index_query query = query_of("quartz granite obsidian marble gneiss");
    query.min_score = -1;
    fixture_search(self, &query);
    assert_int_equal(self->result.total, 2);
    float weak = self->result.hit_count ? self->result.hits[0].score : 0;
    assert_true(weak < 0.4F);
    query.min_score = 0.99F;
    assert_query_finds(self, &query, "");
    assert_int_equal(self->result.total, 2);
}

static void
pages_follow_each_other(void **state)
{
    struct fixture *self = *state;
    for (uint32_t number = 1; number <= 30; number++)
        fixture_add(self, number, number % 3 ? "paper stone" : "paper and stone, paper");
    fixture_commit(self);
    struct index_query query = query_of("paper stone");
    fixture_search(self, &query);
    assert_int_equal(self->result.hit_count, 30);
    uint32_t all[30];
    for (size_t i = 0; i < 30; i++)
        all[i] = number_of(&self->result.hits[i].id);

    query.limit = 7;
    for (query.offset = 0; query.offset < 30; query.offset += 7) {
        fixture_search(self, &query);
        assert_int_equal(self->result.total, 30);
        size_t left = 30 - query.offset;
        assert_int_equal(self->result.hit_count, left < 7 ? left : 7);
        for (size_t i = 0; i < self->result.hit_count; i++)
            assert_int_equal(number_of(&self->result.hits[i].id), all[query.offset + i]);
    }
    query.offset = 1000;
    assert_query_finds(self, &query, "");
}

static void
tenants_do_not_see_each_other(void **state)
{
    struct fixture *self = *state;
    fixture_add(self, 1, "secret");
    fixture_commit(self);
    struct index *other = NULL;
    assert_int_equal(index_open(self->snapshot, FIXTURE_TENANT + 1, &other, NULL), STATUS_OK);
    struct index_view *view = index_publish(other);

    struct index_query query = query_of("secret");
    assert_int_equal(
        index_search(self->reader, view, self->snapshot, &query, &self->result, NULL), STATUS_OK);
    assert_int_equal(self->result.hit_count, 0);
    index_view_unref(&view);
    index_close(&other);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_was_added_is_found),
        TEST(what_was_removed_is_gone),
        TEST(an_update_replaces_the_words),
        TEST(changes_of_one_batch_see_each_other),
        TEST(a_discarded_batch_never_was),
        TEST(titles_and_tags_weigh_more),
        TEST(every_form_of_an_identifier_finds_it),
        TEST(adjacent_words_come_first),
        TEST(equal_scores_are_ordered_by_age_then_id),
        TEST(a_query_of_stop_words_alone_is_a_query),
        TEST(a_query_without_words_is_refused),
        TEST(hits_say_which_words_they_hold),
        TEST(a_long_query_keeps_its_rarest_words),
        TEST(scores_lie_between_zero_and_one),
        TEST(pages_follow_each_other),
        TEST(tenants_do_not_see_each_other),
    };
    return cmocka_run_group_tests_name("index", tests, NULL, NULL);
}
