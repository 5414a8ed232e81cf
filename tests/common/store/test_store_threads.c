/* Readers in threads of their own, beside a writer that commits, fails and recovers. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/memory.h"
#include "common/store/engine_memory.h"

#include "fixture.h"

enum { READERS = 3, COMMITS = 600, FAIL_EVERY = 50 };

struct setting {
    char *folder;
    struct store *store;
    enum store_engine engine;
    atomic_bool ended;
    atomic_uint seen, refused, wrong;
};

static int
set_up(void **state, enum store_engine engine)
{
    struct setting *self = memory_new(sizeof *self);
    self->folder = folder_make();
    self->engine = engine;
    self->store = store_of(engine, self->folder);
    *state = self;
    return 0;
}

static int
set_up_leveldb(void **state)
{
    return set_up(state, STORE_LEVELDB);
}

static int
set_up_memory(void **state)
{
    return set_up(state, STORE_MEMORY);
}

static int
tear_down(void **state)
{
    struct setting *self = *state;
    store_close(&self->store);
    folder_remove(&self->folder);
    free(self);
    return 0;
}

/* Every commit writes its own sequence under "a" and "z": one moment shows the same in all three.
 */
static bool
shows_one_moment(const struct store_snapshot *snapshot)
{
    char expected[32];
    snprintf(
        expected, sizeof expected, "%llu", (unsigned long long)store_snapshot_sequence(snapshot));
    struct store_value first = {0}, second = {0};
    bool same = store_get(snapshot, TEXT("a"), &first) == STATUS_OK &&
                store_get(snapshot, TEXT("z"), &second) == STATUS_OK &&
                text_is(first.bytes, expected) && text_is(second.bytes, expected);
    store_value_release(&first);
    store_value_release(&second);
    return same;
}

static void *
read_on(void *argument)
{
    struct setting *self = argument;
    struct problem reason;
    while (!atomic_load(&self->ended)) {
        struct store_snapshot *snapshot = store_snapshot_create(self->store);
        store_reason(self->store, &reason);
        if (snapshot)
            self->wrong += !shows_one_moment(snapshot);
        self->seen += snapshot != NULL;
        self->refused += snapshot == NULL;
        store_snapshot_destroy(&snapshot);
    }
    return NULL;
}

static void
commit_next(struct setting *self)
{
    char value[32];
    struct problem problem = {0};
    uint64_t sequence = store_sequence(self->store) + 1;
    snprintf(value, sizeof value, "%llu", (unsigned long long)sequence);
    struct store_batch *batch = store_batch_create(self->store);
    store_batch_put(batch, TEXT("a"), text_of(value));
    store_batch_put(batch, TEXT("z"), text_of(value));
    enum status status = store_commit(self->store, batch, 1, &problem);
    store_batch_destroy(&batch);
    while (status != STATUS_OK)
        status = store_recover(self->store, &problem);
}

static void
readers_see_whole_moments(void **state)
{
    struct setting *self = *state;
    pthread_t readers[READERS];
    commit_next(self);
    for (int i = 0; i < READERS; i++)
        assert_int_equal(pthread_create(&readers[i], NULL, read_on, self), 0);

    for (int i = 1; i < COMMITS; i++) {
        if (self->engine == STORE_MEMORY && i % FAIL_EVERY == 0)
            store_memory_set_faults(
                self->store, &(struct store_memory_faults){.writes = 1, .reopens = 1});
        commit_next(self);
    }
    while (atomic_load(&self->seen) < READERS)
        continue;
    atomic_store(&self->ended, true);
    for (int i = 0; i < READERS; i++)
        pthread_join(readers[i], NULL);

    assert_int_equal(self->wrong, 0);
    assert_int_equal(store_state(self->store), STORE_WRITABLE);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        {"readers_see_whole_moments (leveldb)", readers_see_whole_moments, set_up_leveldb,
            tear_down, NULL},
        {"readers_see_whole_moments (memory)", readers_see_whole_moments, set_up_memory, tear_down,
            NULL},
    };
    return cmocka_run_group_tests_name("store in threads", tests, NULL, NULL);
}
