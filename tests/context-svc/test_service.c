/* Saving, getting, updating, listing and finding, over the memory engine. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/clock.h"
#include "tests/context-svc/desk.h"

struct fixture {
    struct desk_service service;
    struct desk desk;
};

static int
setup(void **state)
{
    static struct fixture fixture;
    desk_service_start(&fixture.service, NULL);
    desk_open(&fixture.desk, fixture.service.endpoint);
    *state = &fixture;
    return 0;
}

static int
teardown(void **state)
{
    struct fixture *fixture = *state;
    desk_close(&fixture->desk);
    desk_service_stop(&fixture->service);
    return 0;
}

static void
what_was_saved_is_got_and_found_at_once(void **state)
{
    struct desk *desk = &((struct fixture *)*state)->desk;

    Forge__SaveReply *saved = desk_save(desk, "atlas", "The cache is invalidated by a webhook.");

    assert_int_equal(saved->outcome, FORGE__SAVE_OUTCOME__CREATED);
    assert_int_equal(saved->version, 1);
    assert_int_equal(desk->last.outcome, OUTCOME_COMMITTED);
    assert_int_equal(desk->last.commit_sequence, saved->sequence);
    struct kept_id id = keep_id(saved->id);
    Forge__Entry *entry = desk_get(desk, id_bytes(&id));
    assert_non_null(entry);
    assert_string_equal(entry->project, "atlas");
    assert_string_equal(entry->kind, "note");
    assert_string_equal(entry->author, "anna");
    assert_true(bytes_are(entry->title, "The cache is invalidated by a webhook."));
    assert_true(bytes_are(entry->content, "The cache is invalidated by a webhook."));
    assert_int_equal(entry->scope, FORGE__SCOPE__PROJECT);
    Forge__SearchReply *found = desk_search(desk, "webhook cache");
    assert_int_equal(found->n_hits, 1);
    assert_memory_equal(found->hits[0]->entry->id.data, id.bytes, 16);
    assert_int_equal(found->hits[0]->entry->content.len, 0);
    assert_true(found->hits[0]->entry->content_bytes > 0);
    assert_true(found->hits[0]->snippet.len > 0);
    assert_true(found->hits[0]->n_matched >= 2);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_saved_is_got_and_found_at_once, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
