/* Random operations on the index and on the oracle, which must agree at every moment, whatever was
 * flushed, merged, reopened, discarded or is looked at through an old view. */
#include <math.h>
#include <stdlib.h>

#include "common/base/buffer.h"
#include "common/base/memory.h"
#include "tests/context-svc/index/fixture.h"
#include "tests/context-svc/index/oracle.h"

enum { NUMBERS = 60, LONGEST = 1300 };

struct held {
    struct index_view *view;
    struct store_snapshot *snapshot;
    struct oracle *oracle;
};

struct test {
    struct fixture *fixture;
    struct oracle *committed, *staged;
    struct held held;
    uint64_t random;
    struct buffer title, content;
    unsigned searches, steps;
};

static uint32_t
draw(struct test *self, uint32_t below)
{
    self->random ^= self->random << 13;
    self->random ^= self->random >> 7;
    self->random ^= self->random << 17;
    return (uint32_t)((self->random >> 20) % below);
}

static void
add_words(struct test *self, struct buffer *out, uint32_t count)
{
    static const char *const words[] = {"gateway", "store", "index", "writer", "reader", "snapshot",
        "parseHeader", "node.js", "disk", "error", "merge", "flush", "running", "ran", "utf8",
        "retry", "token", "budget", "sqlite-vec", "M\xC3\xBCller", "\xE6\x9D\xB1\xE4\xBA\xAC",
        "deadline", "queue", "poison", "watermark", "ballast", "lease", "quorum", "shard",
        "replica", "cursor", "batch"};
    enum { COUNT = sizeof words / sizeof *words };
    for (uint32_t i = 0; i < count; i++) {
        uint32_t at = draw(self, COUNT);
        at = draw(self, at + 1); /* the first are common, the last rare */
        buffer_add_text(out, text_of(words[at]));
        buffer_add_byte(out, draw(self, 12) ? ' ' : '\n');
    }
}

static void
add_document(struct test *self)
{
    static const char *const kinds[] = {"note", "snippet", "turn", "error"};
    uint32_t number = draw(self, NUMBERS);
    buffer_clear(&self->title);
    buffer_clear(&self->content);
    add_words(self, &self->title, draw(self, 6));
    add_words(self, &self->content, draw(self, 10) ? draw(self, 60) : draw(self, LONGEST));
    const struct text tags[] = {TEXT("disk"), TEXT("parseHeader now")};
    struct index_document document = document_of(number, "");
    document.kind = text_of(kinds[draw(self, 4)]);
    document.title = buffer_text(&self->title);
    document.content = buffer_text(&self->content);
    document.tags = tags;
    document.tag_count = draw(self, 3);
    index_add(self->fixture->index, self->fixture->batch, &document);
    oracle_add(self->staged, number, &document);
}

static void
compare_hit(const struct index_hit *hit, const struct oracle_hit *expected, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (expected[i].number != number_of(&hit->id))
            continue;
        assert_int_equal(hit->matched, expected[i].matched);
        if (fabs(expected[i].score - (double)hit->score) > 2e-4)
            fail_msg("document %u: %f, not %f", expected[i].number, (double)hit->score,
                expected[i].score);
        return;
    }
    fail_msg("document %u was not to be found", number_of(&hit->id));
}

static void
compare(struct test *self, const struct index_view *view, const struct store_snapshot *snapshot,
    const struct oracle *oracle)
{
    CLEANUP(buffer_release) struct buffer words = {0};
    add_words(self, &words, 1 + draw(self, 5));
    struct index_query query = {.query = buffer_text(&words), .limit = INDEX_LIMIT_MAX};
    struct index_result *result = &self->fixture->result;
    struct problem problem = {0};
    enum status status =
        index_search(self->fixture->reader, view, snapshot, &query, result, &problem);
    if (status != STATUS_OK)
        fail_msg("%s", problem.text);
    struct oracle_hit expected[ORACLE_DOCUMENTS_MAX];
    size_t count = oracle_search(oracle, query.query, expected);
    assert_int_equal(result->total, count);
    assert_int_equal(result->hit_count, count);
    for (size_t i = 0; i < count; i++) {
        compare_hit(&result->hits[i], expected, count);
        assert_true(!i || result->hits[i].score <= result->hits[i - 1].score);
    }
    assert_int_equal(index_view_documents(view), oracle_count(oracle));
    self->searches++;
}

static void
let_go(struct held *held)
{
    index_view_unref(&held->view);
    store_snapshot_destroy(&held->snapshot);
    oracle_destroy(&held->oracle);
}

/* Looks through the view held so far, then holds the view of now. */
static void
hold(struct test *self)
{
    if (self->held.view)
        for (int i = 0; i < 10; i++)
            compare(self, self->held.view, self->held.snapshot, self->held.oracle);
    let_go(&self->held);
    self->held = (struct held){
        .view = index_view_ref(self->fixture->view),
        .snapshot = store_snapshot_create(self->fixture->store),
        .oracle = oracle_copy(self->committed),
    };
}

static void
commit(struct test *self)
{
    if (!draw(self, 6)) {
        fixture_discard(self->fixture);
        oracle_destroy(&self->staged);
        self->staged = oracle_copy(self->committed);
        return;
    }
    if (draw(self, 2))
        self->steps +=
            index_maintain(self->fixture->index, self->fixture->snapshot, self->fixture->batch);
    fixture_commit(self->fixture);
    oracle_destroy(&self->committed);
    self->committed = oracle_copy(self->staged);
    compare(self, self->fixture->view, self->fixture->snapshot, self->committed);
}

static void
step(struct test *self)
{
    uint32_t choice = draw(self, 100);
    if (choice < 70) {
        add_document(self);
    } else if (choice < 80) {
        uint32_t number = draw(self, NUMBERS);
        fixture_remove(self->fixture, number);
        oracle_remove(self->staged, number);
    } else if (choice < 97) {
        commit(self);
    } else {
        commit(self);
        hold(self);
    }
}

static void
reopen(struct test *self)
{
    fixture_discard(self->fixture);
    oracle_destroy(&self->staged);
    self->staged = oracle_copy(self->committed);
    fixture_reopen(self->fixture);
    for (int i = 0; i < 5; i++)
        compare(self, self->fixture->view, self->fixture->snapshot, self->committed);
}

/* Commits and maintains until there is nothing left to do. */
static void
settle(struct test *self)
{
    fixture_commit(self->fixture);
    oracle_destroy(&self->committed);
    self->committed = oracle_copy(self->staged);
    while (fixture_maintain(self->fixture)) {
        self->steps++;
        compare(self, self->fixture->view, self->fixture->snapshot, self->committed);
    }
}

static void
the_index_agrees_with_the_oracle(void **state)
{
    (void)state;
    struct test self = {.random = 0x9E3779B97F4A7C15u,
        .fixture = fixture_create(),
        .committed = oracle_create(),
        .staged = oracle_create()};

    for (unsigned i = 1; i <= 4000; i++) {
        step(&self);
        if (i % 1000 == 0)
            settle(&self);
        if (i % 700 == 0)
            reopen(&self);
    }

    assert_true(self.searches > 1000);
    assert_true(self.steps > 5);
    let_go(&self.held);
    oracle_destroy(&self.committed);
    oracle_destroy(&self.staged);
    buffer_release(&self.title);
    buffer_release(&self.content);
    fixture_destroy(&self.fixture);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_index_agrees_with_the_oracle),
    };
    return cmocka_run_group_tests_name("index against oracle", tests, NULL, NULL);
}
