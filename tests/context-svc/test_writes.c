/* Idempotent repeats, group commit, and the change log. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/clock.h"
#include "tests/context-svc/desk.h"

enum { CLIENTS = 64 };

struct fixture {
    struct desk_service service;
    struct desk desk;
    char folder[64];
    char path[80];
};

static int
setup(void **state)
{
    static struct fixture fixture;
    folder_make(fixture.folder);
    snprintf(fixture.path, sizeof fixture.path, "%s/store", fixture.folder);
    desk_service_start(&fixture.service, fixture.path);
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
    folder_remove(fixture->folder);
    return 0;
}

static void
restart(struct fixture *fixture)
{
    desk_close(&fixture->desk);
    desk_service_stop(&fixture->service);
    desk_service_start(&fixture->service, fixture->path);
    desk_open(&fixture->desk, fixture->service.endpoint);
}

static void
a_repeated_save_is_answered_again_and_done_once(void **state)
{
    struct fixture *fixture = *state;
    struct desk *desk = &fixture->desk;
    static const uint8_t key[16] = "first key of ann";
    desk->key = key;
    Forge__SaveReply *first = desk_save(desk, "atlas", "Once only");
    struct kept_id id = keep_id(first->id);
    uint64_t sequence = first->sequence;

    for (int round = 0; round < 2; round++) {
        desk->key = key;
        Forge__SaveReply *again = desk_save(desk, "atlas", "Once only");

        assert_memory_equal(again->id.data, id.bytes, 16);
        assert_int_equal(again->outcome, FORGE__SAVE_OUTCOME__CREATED);
        assert_int_equal(again->sequence, sequence);
        assert_int_equal(desk->last.outcome, OUTCOME_COMMITTED);
        assert_int_equal(desk->last.commit_sequence, sequence);
        assert_int_equal(desk_count(desk)->entries, 1);
        restart(fixture);
    }
}

static void
the_same_key_for_another_request_is_refused(void **state)
{
    struct desk *desk = &((struct fixture *)*state)->desk;
    static const uint8_t key[16] = "one key too many";
    desk->key = key;
    desk_save(desk, "atlas", "This");
    Forge__SaveRequest other = FORGE__SAVE_REQUEST__INIT;
    other.project = word("atlas");
    other.content = text_bytes("That");

    assert_null(desk_ask(desk, &forge__context__descriptor, "Save", &other));
    assert_int_equal(desk->last.status, STATUS_FAILED_PRECONDITION);
    assert_non_null(strstr(desk->last.detail, "another request"));

    other.content = text_bytes("This");
    desk->principal.name = TEXT("boris");
    assert_null(desk_ask(desk, &forge__context__descriptor, "Save", &other));
    assert_int_equal(desk->last.status, STATUS_FAILED_PRECONDITION);
    desk->principal.tenant = TEXT("rival");
    assert_non_null(desk_ask(desk, &forge__context__descriptor, "Save", &other));
}

static void
duplicates_of_one_group_are_joined(void **state)
{
    struct desk *desk = &((struct fixture *)*state)->desk;
    static const uint8_t key[16] = "all at the same ";
    static struct question questions[CLIENTS];
    Forge__SaveRequest request = FORGE__SAVE_REQUEST__INIT;
    request.content = text_bytes("Sent many times at once");
    desk->key = key;

    for (size_t i = 0; i < CLIENTS; i++)
        desk_send(desk, &questions[i], &forge__context__descriptor, "Save", &request);
    desk_wait(desk, questions, CLIENTS);

    for (size_t i = 0; i < CLIENTS; i++) {
        assert_int_equal(questions[i].status, STATUS_OK);
        assert_int_equal(questions[i].outcome, OUTCOME_COMMITTED);
        Forge__SaveReply *reply = (Forge__SaveReply *)questions[i].reply;
        assert_int_equal(reply->outcome, FORGE__SAVE_OUTCOME__CREATED);
        assert_int_equal(reply->sequence, 1);
        question_release(&questions[i]);
    }
    assert_int_equal(desk_count(desk)->entries, 1);
}

static void
updates_of_one_group_see_each_other(void **state)
{
    struct desk *desk = &((struct fixture *)*state)->desk;
    static struct question questions[CLIENTS];
    struct kept_id id = keep_id(desk_save(desk, "atlas", "version 1")->id);
    static char texts[CLIENTS][32];
    for (size_t i = 0; i < CLIENTS; i++) {
        snprintf(texts[i], sizeof texts[i], "version by %zu", i);
        Forge__UpdateRequest request = FORGE__UPDATE_REQUEST__INIT;
        request.id = id_bytes(&id);
        request.has_content_case = FORGE__UPDATE_REQUEST__HAS_CONTENT_CONTENT;
        request.content = text_bytes(texts[i]);
        request.expected_version = i % 2 ? 1 : 0;
        desk_send(desk, &questions[i], &forge__context__descriptor, "Update", &request);
    }
    desk_wait(desk, questions, CLIENTS);

    uint32_t newest = 0;
    for (size_t i = 0; i < CLIENTS; i++) {
        assert_int_equal(questions[i].status, i % 2 ? STATUS_ABORTED : STATUS_OK);
        if (questions[i].reply)
            newest = ((Forge__UpdateReply *)questions[i].reply)->version;
        question_release(&questions[i]);
    }
    assert_int_equal(newest, 1 + CLIENTS / 2);
    assert_int_equal(desk_get(desk, id_bytes(&id))->version, newest);
    assert_int_equal(desk_search(desk, "version")->n_hits, 1);
}

/* Saves from as many clients as there are, and no reply is waited for before the next is sent. */
static void
save_in_parallel(struct desk *desk, size_t count)
{
    static struct question questions[1024];
    assert_true(count <= 1024);
    for (size_t i = 0; i < count; i++) {
        char text[64];
        snprintf(text, sizeof text, "parallel save number %zu", i);
        Forge__SaveRequest request = FORGE__SAVE_REQUEST__INIT;
        request.project = word("atlas");
        request.content = text_bytes(text);
        desk_send(desk, &questions[i], &forge__context__descriptor, "Save", &request);
    }
    desk_wait(desk, questions, count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(questions[i].status, STATUS_OK);
        question_release(&questions[i]);
    }
}

struct batches {
    uint64_t commits;
    double writes;
};

static void
visit(void *argument, const struct metrics_sample *sample)
{
    struct batches *batches = argument;
    if (strcmp(sample->name, "forge_store_batch_writes") != 0)
        return;
    batches->commits = sample->count;
    batches->writes = sample->sum;
}

static void
one_sync_acknowledges_many_saves(void **state)
{
    struct fixture *fixture = *state;
    save_in_parallel(&fixture->desk, 512);
    struct batches batches = {0};

    metrics_collect(context_service_metrics(fixture->service.service), visit, &batches);

    assert_int_equal((int)batches.writes, 512);
    assert_true(batches.writes / (double)batches.commits >= 16);
}

static void
the_change_log_has_no_gap(void **state)
{
    struct desk *desk = &((struct fixture *)*state)->desk;
    save_in_parallel(desk, 300);
    struct kept_id id = keep_id(desk_save(desk, "atlas", "To be changed")->id);
    Forge__UpdateRequest update = FORGE__UPDATE_REQUEST__INIT;
    update.id = id_bytes(&id);
    update.has_pinned_case = FORGE__UPDATE_REQUEST__HAS_PINNED_PINNED;
    update.pinned = true;
    assert_non_null(desk_ask(desk, &forge__context__descriptor, "Update", &update));
    uint64_t newest = desk_count(desk)->sequence;
    assert_int_equal(newest, 302);

    Forge__ChangesRequest request = FORGE__CHANGES_REQUEST__INIT;
    request.max = 70;
    uint64_t expected = 1;
    while (expected <= newest) {
        request.after_sequence = expected - 1;
        Forge__ChangesReply *page =
            desk_ask(desk, &forge__context__descriptor, "Changes", &request);
        assert_true(page->n_changes > 0 && page->n_changes <= 70);
        for (size_t i = 0; i < page->n_changes; i++)
            assert_int_equal(page->changes[i]->sequence, expected++);
        assert_int_equal(page->last_sequence, expected - 1);
        if (expected > newest) {
            assert_int_equal(page->changes[page->n_changes - 1]->kind, FORGE__CHANGE_KIND__UPDATED);
            assert_true(bytes_are(page->changes[page->n_changes - 1]->title, "To be changed"));
        }
    }
}

static void
a_waiting_changes_call_wakes_with_the_commit(void **state)
{
    struct fixture *fixture = *state;
    struct desk *desk = &fixture->desk;
    desk_save(desk, "atlas", "Before");
    struct question question;
    Forge__ChangesRequest request = FORGE__CHANGES_REQUEST__INIT;
    request.after_sequence = 1;
    request.wait_ms = 8000;
    desk_send(desk, &question, &forge__context__descriptor, "Changes", &request);
    desk_turn(desk, 100);
    assert_false(question.done);
    struct desk other;
    desk_open(&other, fixture->service.endpoint);

    desk_save(&other, "atlas", "News");
    int64_t saved_ms = clock_monotonic_ms();
    desk_wait(desk, &question, 1);

    assert_true(clock_monotonic_ms() - saved_ms < 150);
    assert_int_equal(question.status, STATUS_OK);
    Forge__ChangesReply *reply = (Forge__ChangesReply *)question.reply;
    assert_int_equal(reply->n_changes, 1);
    assert_int_equal(reply->changes[0]->sequence, 2);
    assert_true(bytes_are(reply->changes[0]->title, "News"));
    question_release(&question);
    desk_close(&other);
}

static void
a_changes_call_of_another_project_waits_on(void **state)
{
    struct fixture *fixture = *state;
    struct desk *desk = &fixture->desk;
    struct question question;
    Forge__ChangesRequest request = FORGE__CHANGES_REQUEST__INIT;
    request.wait_ms = 400;
    request.project = word("orion");
    int64_t start_ms = clock_monotonic_ms();
    desk_send(desk, &question, &forge__context__descriptor, "Changes", &request);
    desk_turn(desk, 50);
    struct desk other;
    desk_open(&other, fixture->service.endpoint);
    desk_save(&other, "atlas", "Not for orion");

    desk_wait(desk, &question, 1);

    assert_true(clock_monotonic_ms() - start_ms >= 390);
    assert_int_equal(question.status, STATUS_OK);
    Forge__ChangesReply *reply = (Forge__ChangesReply *)question.reply;
    assert_int_equal(reply->n_changes, 0);
    assert_int_equal(reply->last_sequence, 1);
    question_release(&question);
    desk_close(&other);
}

int
main(void)
{
#define WRITE_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        WRITE_TEST(a_repeated_save_is_answered_again_and_done_once),
        WRITE_TEST(the_same_key_for_another_request_is_refused),
        WRITE_TEST(duplicates_of_one_group_are_joined),
        WRITE_TEST(updates_of_one_group_see_each_other),
        WRITE_TEST(one_sync_acknowledges_many_saves),
        WRITE_TEST(the_change_log_has_no_gap),
        WRITE_TEST(a_waiting_changes_call_wakes_with_the_commit),
        WRITE_TEST(a_changes_call_of_another_project_waits_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
