#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/memory.h"
#include "tests/context-svc/index/fixture.h"

static void
find_through(struct fixture *self, struct index_view *view, struct store_snapshot *snapshot,
    const char *words, size_t count)
{
    struct index_query query = query_of(words);
    assert_int_equal(
        index_search(self->reader, view, snapshot, &query, &self->result, NULL), STATUS_OK);
    assert_int_equal(self->result.hit_count, count);
}

static void
a_held_view_sees_its_own_commit(void **state)
{
    struct fixture *self = *state;
    fixture_add(self, 1, "stone");
    fixture_commit(self);
    struct index_view *view = index_view_ref(self->view);
    struct store_snapshot *snapshot = store_snapshot_create(self->store);

    fixture_remove(self, 1);
    fixture_add(self, 2, "stone");
    fixture_add(self, 3, "stone");
    find_through(self, view, snapshot, "stone", 1);
    fixture_commit(self);
    find_through(self, view, snapshot, "stone", 1);
    assert_int_equal(number_of(&self->result.hits[0].id), 1);
    find_through(self, self->view, self->snapshot, "stone", 2);
    assert_int_equal(index_view_documents(view), 1);

    index_view_unref(&view);
    store_snapshot_destroy(&snapshot);
}

static void
a_view_outlives_its_index(void **state)
{
    struct fixture *self = *state;
    for (uint32_t number = 0; number < 700; number++)
        fixture_add(self, number, number % 7 ? "pebble" : "stone");
    fixture_commit(self);
    while (fixture_maintain(self))
        continue;
    struct index_view *view = index_view_ref(self->view);
    struct store_snapshot *snapshot = store_snapshot_create(self->store);
    fixture_reopen(self);
    index_view_unref(&self->view);
    index_close(&self->index);

    find_through(self, view, snapshot, "stone", 100);

    index_view_unref(&view);
    store_snapshot_destroy(&snapshot);
}

static void
dead_chunks_are_given_up(void **state)
{
    struct fixture *self = *state;
    fixture_add(self, 1, "fixed star");
    for (uint32_t i = 0; i < 5000; i++) {
        char content[32];
        snprintf(content, sizeof content, "planet %u", i);
        fixture_add(self, 2, content);
        if (i % 50 == 49)
            fixture_commit(self);
        if (i % 500 == 499)
            while (fixture_maintain(self))
                continue;
    }

    assert_finds(self, "planet", "2");
    assert_finds(self, "star", "1");
    assert_finds(self, "4999", "2");
    assert_finds(self, "4998", "");
}

/* What the writer shows to the readers: the view of now. A mutex guards the exchange, so that a
 * reader's snapshot is of the commit of its view. A failure in a reader is told by its line. */
struct shown {
    pthread_mutex_t lock;
    struct fixture *fixture;
    atomic_bool done;
    atomic_uint searches;
    atomic_int failed_line;
};

#define EXPECT(shown, condition)                                                                   \
    do {                                                                                           \
        if (!(condition))                                                                          \
            atomic_store(&(shown)->failed_line, __LINE__);                                         \
    } while (0)

static struct index_view *
take(struct shown *shown, struct store_snapshot **snapshot)
{
    pthread_mutex_lock(&shown->lock);
    struct index_view *view = index_view_ref(shown->fixture->view);
    *snapshot = store_snapshot_create(shown->fixture->store);
    pthread_mutex_unlock(&shown->lock);
    return view;
}

/* All documents that hold "even" were committed in pairs: their number is always even. */
static void *
read_on(void *arg)
{
    struct shown *shown = arg;
    struct index_reader *reader = index_reader_create();
    const char *const words[] = {"even", "even number", "odd one", "even odd", "lonely tag"};
    for (unsigned i = 0; !atomic_load(&shown->done) || i < 50; i++) {
        struct store_snapshot *snapshot;
        struct index_view *view = take(shown, &snapshot);
        struct index_query query = query_of(words[i % 5]);
        query.author = i % 2 ? TEXT("ann") : (struct text){0};
        struct index_result result = {0};
        enum status status = index_search(reader, view, snapshot, &query, &result, NULL);
        EXPECT(shown, status == STATUS_OK);
        EXPECT(shown, result.total % 2 == 0);
        query.limit = 10;
        index_recent(reader, view, &query, &result);
        EXPECT(shown, result.total == index_view_documents(view));
        index_view_unref(&view);
        store_snapshot_destroy(&snapshot);
        atomic_fetch_add(&shown->searches, 1);
    }
    index_reader_destroy(&reader);
    return NULL;
}

static void
write_pair(struct fixture *self, uint32_t number)
{
    char tag[32];
    snprintf(tag, sizeof tag, "tag%u", number); /* names grow while readers look them up */
    const struct text tags[] = {text_of(tag), TEXT("lonely")};
    for (uint32_t i = 0; i < 2; i++) {
        struct index_document document =
            document_of(number * 2 + i, number % 3 ? "an even number of words" : "odd one out");
        document.tags = tags;
        document.tag_count = 2;
        index_add(self->index, self->batch, &document);
    }
}

static void
remove_pair(struct fixture *self, uint32_t number)
{
    fixture_remove(self, number * 2);
    fixture_remove(self, number * 2 + 1);
}

static void
commit_and_show(struct shown *shown)
{
    struct fixture *self = shown->fixture;
    index_maintain(self->index, self->snapshot, self->batch);
    pthread_mutex_lock(&shown->lock);
    assert_int_equal(store_commit(self->store, self->batch, 1, NULL), STATUS_OK);
    store_batch_clear(self->batch);
    index_view_unref(&self->view);
    self->view = index_publish(self->index);
    store_snapshot_destroy(&self->snapshot);
    self->snapshot = store_snapshot_create(self->store);
    pthread_mutex_unlock(&shown->lock);
}

static void
readers_go_on_while_the_writer_writes(void **state)
{
    enum { READERS = 3, PAIRS = 150, ROUNDS = 1500 };
    struct shown shown = {.fixture = *state};
    pthread_mutex_init(&shown.lock, NULL);
    pthread_t readers[READERS];
    for (int i = 0; i < READERS; i++)
        assert_int_equal(pthread_create(&readers[i], NULL, read_on, &shown), 0);

    for (uint32_t round = 0; round < ROUNDS; round++) {
        uint32_t number = round * 7 % PAIRS;
        if (round % 5 == 4)
            remove_pair(shown.fixture, number);
        else
            write_pair(shown.fixture, number);
        if (round % 11 == 10)
            fixture_discard(shown.fixture);
        else if (round % 3 == 2)
            commit_and_show(&shown);
    }
    commit_and_show(&shown);
    atomic_store(&shown.done, true);

    for (int i = 0; i < READERS; i++)
        pthread_join(readers[i], NULL);
    assert_int_equal(atomic_load(&shown.failed_line), 0);
    assert_true(atomic_load(&shown.searches) >= 150);
    pthread_mutex_destroy(&shown.lock);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_held_view_sees_its_own_commit),
        TEST(a_view_outlives_its_index),
        TEST(dead_chunks_are_given_up),
        TEST(readers_go_on_while_the_writer_writes),
    };
    return cmocka_run_group_tests_name("index views", tests, NULL, NULL);
}
