/* Views on the board: published, taken, withdrawn, and read by many threads at once. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "context-svc/view.h"

enum { READERS = 4, VIEWS = 3000 };

struct fixture {
    struct store *store;
    struct context_view_board *board;
    atomic_bool ended;
    atomic_uint next_place;
    atomic_uint takes;
};

static int
setup(void **state)
{
    static struct fixture fixture;
    memset(&fixture, 0, sizeof fixture);
    const struct store_options options = {.engine = STORE_MEMORY, .format = 1};
    struct problem problem = {{0}};
    if (store_open(&options, &fixture.store, &problem) != STATUS_OK)
        return -1;
    fixture.board = context_view_board_create(READERS);
    *state = &fixture;
    return 0;
}

static int
teardown(void **state)
{
    struct fixture *fixture = *state;
    context_view_board_destroy(&fixture->board);
    store_close(&fixture->store);
    return 0;
}

static struct context_view *
make_view(struct fixture *fixture)
{
    struct store_snapshot *snapshot = store_snapshot_create(fixture->store);
    struct context_tenant_view *tenants[1];
    struct index_view *none = NULL;
    tenants[0] = context_tenant_view_create(TEXT("acme"), 1, &none, 0);
    return context_view_create(&snapshot, tenants, 1);
}

static void
a_view_is_taken_by_each_place(void **state)
{
    struct fixture *fixture = *state;
    assert_null(context_view_board_take(fixture->board, 0));
    struct context_view *view = make_view(fixture);
    context_view_board_publish(fixture->board, view);
    assert_false(context_view_is_only_mine(view));

    struct context_view *first = context_view_board_take(fixture->board, 0);
    struct context_view *second = context_view_board_take(fixture->board, 1);

    assert_ptr_equal(first, view);
    assert_ptr_equal(second, view);
    assert_non_null(context_view_tenant(first, TEXT("acme")));
    assert_null(context_view_tenant(first, TEXT("acm")));
    context_view_board_put_back(fixture->board, 0, &first);
    context_view_board_put_back(fixture->board, 1, &second);
    context_view_unref(&view);
}

static void
a_held_view_keeps_a_withdrawal_waiting(void **state)
{
    struct fixture *fixture = *state;
    struct context_view *view = make_view(fixture);
    context_view_board_publish(fixture->board, view);
    struct context_view *held = context_view_board_take(fixture->board, 0);
    assert_false(context_view_board_expects_view(fixture->board));

    context_view_board_withdraw(fixture->board, view);

    assert_false(context_view_is_only_mine(view));
    assert_null(context_view_board_take(fixture->board, 1));
    assert_true(context_view_board_expects_view(fixture->board));
    context_view_board_put_back(fixture->board, 0, &held);
    assert_true(context_view_is_only_mine(view));
    assert_null(context_view_board_take(fixture->board, 0));
    context_view_unref(&view);
}

static void *
read_views(void *argument)
{
    struct fixture *fixture = argument;
    size_t place = atomic_fetch_add(&fixture->next_place, 1);
    while (!atomic_load(&fixture->ended)) {
        struct context_view *view = context_view_board_take(fixture->board, place);
        if (!view)
            continue;
        assert_true(context_view_tenant(view, TEXT("acme")) != NULL);
        context_view_board_put_back(fixture->board, place, &view);
        atomic_fetch_add(&fixture->takes, 1);
    }
    return NULL;
}

/* The sanitizers watch that no view is used after its end, and that none is left. */
static void
views_come_and_go_under_readers(void **state)
{
    struct fixture *fixture = *state;
    pthread_t threads[READERS];
    for (int i = 0; i < READERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, read_views, fixture), 0);

    struct context_view *view = NULL;
    for (int i = 0; i < VIEWS; i++) {
        context_view_unref(&view);
        view = make_view(fixture);
        context_view_board_publish(fixture->board, view);
        if (i % 100 != 99)
            continue;
        do
            context_view_board_withdraw(fixture->board, view);
        while (!context_view_is_only_mine(view));
    }

    atomic_store(&fixture->ended, true);
    for (int i = 0; i < READERS; i++)
        pthread_join(threads[i], NULL);
    assert_true(atomic_load(&fixture->takes) > 0);
    context_view_unref(&view);
}

int
main(void)
{
#define VIEW_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        VIEW_TEST(a_view_is_taken_by_each_place),
        VIEW_TEST(a_held_view_keeps_a_withdrawal_waiting),
        VIEW_TEST(views_come_and_go_under_readers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
