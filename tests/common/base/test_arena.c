#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/arena.h"

static void
allocations_stay_under_the_cap(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 100000);

    assert_non_null(arena_try(&arena, 60000));
    assert_null(arena_try(&arena, 60000));
    assert_null(arena_try(&arena, SIZE_MAX - 3));
    arena_reset(&arena);
    assert_non_null(arena_try(&arena, 60000));

    arena_release(&arena);
}

static void
a_warm_arena_reuses_its_block(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 1 << 20);

    void *first = arena_new(&arena, 100);
    arena_reset(&arena);
    void *second = arena_new(&arena, 100);

    assert_ptr_equal(first, second);
    assert_string_equal(arena_format(&arena, "%d entries", 3), "3 entries");
    arena_release(&arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(allocations_stay_under_the_cap),
        cmocka_unit_test(a_warm_arena_reuses_its_block),
    };
    return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}
