#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/rpc/deadlines.h"

enum { COUNT = 200 };

/* A small generator of its own, so that a failure repeats. */
static uint32_t
next(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 8;
}

static int64_t
earliest(const struct rpc_deadline *entries)
{
    int64_t at_ms = INT64_MAX;
    for (size_t i = 0; i < COUNT; i++)
        if (entries[i].position && entries[i].at_ms < at_ms)
            at_ms = entries[i].at_ms;
    return at_ms;
}

static void
the_first_is_always_the_earliest(void **state)
{
    (void)state;
    struct rpc_deadlines deadlines = {0};
    struct rpc_deadline entries[COUNT] = {0};
    uint32_t seed = 42;

    for (unsigned step = 0; step < 20000; step++) {
        struct rpc_deadline *entry = &entries[next(&seed) % COUNT];
        if (next(&seed) % 3)
            rpc_deadlines_set(&deadlines, entry, next(&seed) % 1000);
        else
            rpc_deadlines_remove(&deadlines, entry);
        const struct rpc_deadline *first = rpc_deadlines_first(&deadlines);
        assert_int_equal(first ? first->at_ms : INT64_MAX, earliest(entries));
    }
    rpc_deadlines_release(&deadlines);
}

static void
an_entry_taken_out_twice_stays_out(void **state)
{
    (void)state;
    struct rpc_deadlines deadlines = {0};
    struct rpc_deadline entry = {0};

    rpc_deadlines_set(&deadlines, &entry, 5);
    rpc_deadlines_remove(&deadlines, &entry);
    rpc_deadlines_remove(&deadlines, &entry);

    assert_null(rpc_deadlines_first(&deadlines));
    rpc_deadlines_release(&deadlines);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_is_always_the_earliest),
        cmocka_unit_test(an_entry_taken_out_twice_stays_out),
    };
    return cmocka_run_group_tests_name("deadlines", tests, NULL, NULL);
}
