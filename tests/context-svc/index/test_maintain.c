/* Flush and merge: the same answers before, between and after every step, fewer rows in the end. */
#include <stdio.h>
#include <stdlib.h>

#include "common/base/buffer.h"
#include "common/base/memory.h"
#include "context-svc/index/key.h"
#include "context-svc/index/progress.h"
#include "context-svc/index/stemmer.h"
#include "tests/context-svc/index/fixture.h"

enum { QUERIES = 6, VOCABULARY = 12000, WORDS = 24 };

struct answers {
    size_t counts[QUERIES];
    struct index_hit hits[QUERIES][INDEX_LIMIT_MAX];
};

static uint32_t
draw(uint64_t *random, uint32_t below)
{
    *random ^= *random << 13;
    *random ^= *random >> 7;
    *random ^= *random << 17;
    return (uint32_t)((*random >> 20) % below);
}

/* Words of letters; of the lowest numbers each text has many. */
static void
add_word(struct buffer *out, uint32_t number)
{
    buffer_format(out, "%c%c%c%cx ", 'a' + (int)(number / 676 % 26), 'a' + (int)(number / 26 % 26),
        'a' + (int)(number % 26), 'k' + (int)(number / 17576));
}

static void
add_documents(struct fixture *self, uint32_t from, uint32_t to)
{
    CLEANUP(buffer_release) struct buffer content = {0};
    for (uint32_t number = from; number < to; number++) {
        uint64_t random = 0x9E3779B97F4A7C15u * (number + 1);
        buffer_clear(&content);
        for (int i = 0; i < WORDS; i++)
            add_word(&content, draw(&random, draw(&random, 4) ? VOCABULARY : 20));
        fixture_add(self, number, buffer_string(&content));
        if (number % 64 == 63)
            fixture_commit(self);
    }
    fixture_commit(self);
}

static void
ask(struct fixture *self, struct answers *answers)
{
    CLEANUP(buffer_release) struct buffer words = {0};
    uint64_t random = 4711;
    for (size_t i = 0; i < QUERIES; i++) {
        buffer_clear(&words);
        for (int j = 0; j < 4; j++)
            add_word(&words, draw(&random, j ? VOCABULARY : 20));
        struct index_query query = query_of(buffer_string(&words));
        fixture_search(self, &query);
        answers->counts[i] = self->result.total;
        memcpy(answers->hits[i], self->result.hits,
            self->result.hit_count * sizeof *self->result.hits);
    }
}

static void
assert_same_answers(const struct answers *a, const struct answers *b)
{
    for (size_t i = 0; i < QUERIES; i++) {
        assert_int_equal(a->counts[i], b->counts[i]);
        size_t shown = a->counts[i] < INDEX_LIMIT_MAX ? a->counts[i] : INDEX_LIMIT_MAX;
        for (size_t j = 0; j < shown; j++) {
            assert_int_equal(number_of(&a->hits[i][j].id), number_of(&b->hits[i][j].id));
            assert_true(a->hits[i][j].score >= b->hits[i][j].score &&
                        a->hits[i][j].score <= b->hits[i][j].score);
        }
    }
}

static size_t
count_blocks(struct fixture *self)
{
    struct index_key from = index_key_postings(FIXTURE_TENANT, 0, 0);
    struct index_key to = index_key_postings_end(FIXTURE_TENANT);
    struct store_scan *scan =
        store_scan_create(self->snapshot, index_key_text(&from), index_key_text(&to), false);
    struct text key;
    struct text value;
    size_t count = 0;
    while (store_scan_next(scan, &key, &value))
        count++;
    assert_int_equal(store_scan_status(scan), STATUS_OK);
    store_scan_destroy(&scan);
    return count;
}

static struct index_progress
read_progress(struct fixture *self)
{
    struct store_value value = {0};
    struct index_key key = index_key_state(FIXTURE_TENANT);
    struct index_progress progress = {0};
    assert_int_equal(store_get(self->snapshot, index_key_text(&key), &value), STATUS_OK);
    assert_true(index_progress_read(value.bytes, &progress));
    store_value_release(&value);
    return progress;
}

/* Steps until none is due, comparing at each, reopening at some. */
static unsigned
settle(struct fixture *self, const struct answers *before)
{
    CLEANUP(memory_free) struct answers *after = memory_new(sizeof *after);
    unsigned steps = 0;
    while (fixture_maintain(self)) {
        if (++steps % 8 == 0)
            fixture_reopen(self);
        ask(self, after);
        assert_same_answers(before, after);
    }
    return steps;
}

static void
steps_change_no_answer(void **state)
{
    struct fixture *self = *state;
    CLEANUP(memory_free) struct answers *before = memory_new(sizeof *before);
    add_documents(self, 0, 1000);
    ask(self, before);
    assert_true(before->counts[0] > 100);

    assert_true(settle(self, before) >= 2);

    struct index_progress progress = read_progress(self);
    assert_int_equal(progress.flushed, 512);
    assert_int_equal(progress.merged, 0);
}

/* The word of the vocabulary whose term is the first not below the bound; with `before`, the last
 * below it. */
static uint32_t
word_at(uint64_t bound, bool before)
{
    CLEANUP(buffer_release) struct buffer word = {0};
    struct index_stemmer *stemmer = index_stemmer_create();
    uint64_t best = before ? 0 : UINT64_MAX;
    uint32_t best_number = 0;
    for (uint32_t number = 0; number < VOCABULARY; number++) {
        buffer_clear(&word);
        add_word(&word, number);
        uint64_t term = index_stemmer_term(stemmer, text_from(word.data, word.length - 1));
        if (before ? term < bound && term > best : term >= bound && term < best) {
            best = term;
            best_number = number;
        }
    }
    index_stemmer_destroy(&stemmer);
    return best_number;
}

static uint32_t
count_word(struct fixture *self, uint32_t number)
{
    CLEANUP(buffer_release) struct buffer word = {0};
    add_word(&word, number);
    struct index_query query = query_of(buffer_string(&word));
    fixture_search(self, &query);
    return self->result.total;
}

static void
terms_on_both_sides_of_the_flush_are_found(void **state)
{
    struct fixture *self = *state;
    add_documents(self, 0, 3 * INDEX_SEGMENT_UNITS);
    CLEANUP(memory_free) uint32_t *before = memory_array(VOCABULARY, sizeof *before);
    for (uint32_t number = 0; number < VOCABULARY; number++)
        before[number] = count_word(self, number);

    unsigned borders = 0;
    while (fixture_maintain(self)) {
        uint64_t bound = read_progress(self).flush_term;
        if (!bound)
            continue;
        borders++;
        uint32_t done = word_at(bound, true);
        uint32_t next = word_at(bound, false);
        assert_true(before[done] > 0);
        assert_int_equal(count_word(self, done), before[done]);
        assert_int_equal(count_word(self, next), before[next]);
    }
    assert_true(borders >= 1);
}

static void
eight_segments_are_merged(void **state)
{
    struct fixture *self = *state;
    CLEANUP(memory_free) struct answers *before = memory_new(sizeof *before);
    add_documents(self, 0, 7 * INDEX_SEGMENT_UNITS);
    ask(self, before);
    settle(self, before);
    size_t blocks = count_blocks(self);
    add_documents(self, 7 * INDEX_SEGMENT_UNITS, 8 * INDEX_SEGMENT_UNITS);
    ask(self, before);

    assert_true(settle(self, before) > 8);

    struct index_progress progress = read_progress(self);
    assert_int_equal(progress.flushed, 8 * INDEX_SEGMENT_UNITS);
    assert_int_equal(progress.merged, 8 * INDEX_SEGMENT_UNITS);
    assert_false(progress.merging);
    assert_true(count_blocks(self) < blocks / 2);
}

static void
removed_documents_are_purged(void **state)
{
    struct fixture *self = *state;
    CLEANUP(memory_free) struct answers *before = memory_new(sizeof *before);
    add_documents(self, 0, 3 * INDEX_SEGMENT_UNITS);
    ask(self, before);
    settle(self, before);
    for (uint32_t number = 0; number < 3 * INDEX_SEGMENT_UNITS; number++)
        if (number % 8)
            fixture_remove(self, number);
    fixture_commit(self);
    ask(self, before);

    settle(self, before);

    struct index_progress progress = read_progress(self);
    assert_int_equal(progress.purged, 3 * INDEX_SEGMENT_UNITS * 7 / 8);
    for (uint32_t number = 0; number < 3 * INDEX_SEGMENT_UNITS; number++)
        fixture_remove(self, number);
    fixture_commit(self);
    /* A few dead units are not worth a walk; a segment of new ones makes it due. */
    add_documents(self, 10000, 10000 + 9 * INDEX_SEGMENT_UNITS);
    for (uint32_t number = 10000; number < 10000 + 9 * INDEX_SEGMENT_UNITS; number++)
        fixture_remove(self, number);
    fixture_commit(self);
    ask(self, before);
    settle(self, before);
    assert_int_equal(count_blocks(self), 0);
    assert_int_equal(index_view_documents(self->view), 0);
}

static void
a_discarded_step_is_taken_again(void **state)
{
    struct fixture *self = *state;
    CLEANUP(memory_free) struct answers *before = memory_new(sizeof *before);
    CLEANUP(memory_free) struct answers *after = memory_new(sizeof *after);
    add_documents(self, 0, 1100);
    ask(self, before);
    unsigned steps = 0;
    while (index_maintain(self->index, self->snapshot, self->batch)) {
        fixture_discard(self);
        ask(self, after);
        assert_same_answers(before, after);
        assert_true(fixture_maintain(self));
        ask(self, after);
        assert_same_answers(before, after);
        steps++;
    }
    assert_true(steps >= 3);
    assert_int_equal(read_progress(self).flushed, 1024);
}

static void
unit_numbers_are_not_given_twice(void **state)
{
    struct fixture *self = *state;
    add_documents(self, 0, INDEX_SEGMENT_UNITS);
    assert_true(fixture_maintain(self)); /* some terms are in blocks now */
    for (uint32_t number = 0; number < INDEX_SEGMENT_UNITS; number++)
        fixture_remove(self, number);
    fixture_commit(self);
    fixture_reopen(self);
    fixture_add(self, 7777, "alone");
    fixture_commit(self);

    CLEANUP(memory_free) struct answers *answers = memory_new(sizeof *answers);
    ask(self, answers);
    for (size_t i = 0; i < QUERIES; i++)
        assert_int_equal(answers->counts[i], 0);
    assert_finds(self, "alone", "7777");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(steps_change_no_answer),
        TEST(terms_on_both_sides_of_the_flush_are_found),
        TEST(eight_segments_are_merged),
        TEST(removed_documents_are_purged),
        TEST(a_discarded_step_is_taken_again),
        TEST(unit_numbers_are_not_given_twice),
    };
    return cmocka_run_group_tests_name("index maintenance", tests, NULL, NULL);
}
