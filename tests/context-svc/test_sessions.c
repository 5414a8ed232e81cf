/* Work sessions, and the brief of what to know before a task. */
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
    char handle[64];
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

static void *
ask(struct desk *desk, const char *method, const void *request)
{
    return desk_ask(desk, &forge__session__descriptor, method, request);
}

static Forge__SessionStartReply *
start(struct fixture *fixture, const char *task)
{
    Forge__SessionStartRequest request = FORGE__SESSION_START_REQUEST__INIT;
    request.project = word("atlas");
    request.task = word(task);
    request.branch = word("main");
    Forge__SessionStartReply *reply = ask(&fixture->desk, "Start", &request);
    assert_non_null(reply);
    snprintf(fixture->handle, sizeof fixture->handle, "%s", reply->session->handle);
    return reply;
}

static Forge__SessionCheckpointReply *
checkpoint(struct fixture *fixture, const char *summary)
{
    char *steps[] = {word("write the test")};
    char *files[] = {word("src/parser.c")};
    Forge__SessionCheckpointRequest request = FORGE__SESSION_CHECKPOINT_REQUEST__INIT;
    request.handle = fixture->handle;
    request.summary = text_bytes(summary);
    request.next_steps = steps;
    request.n_next_steps = 1;
    request.files = files;
    request.n_files = 1;
    return ask(&fixture->desk, "Checkpoint", &request);
}

static void
a_session_is_found_by_what_it_did(void **state)
{
    struct fixture *fixture = *state;
    struct desk *desk = &fixture->desk;
    Forge__SessionStartReply *started = start(fixture, "Repair the gazebo cache");
    assert_false(started->resumed);
    assert_int_equal(strlen(started->session->handle), 29);
    assert_int_equal(started->session->ended_at_ms, 0);
    /* So far it says nothing that would help anyone. */
    assert_int_equal(desk_search(desk, "gazebo")->n_hits, 0);
    assert_int_equal(desk_count(desk)->sessions_open, 1);

    Forge__SessionCheckpointReply *kept = checkpoint(fixture, "Found the flamingo bug");

    assert_int_equal(kept->session->checkpoints, 1);
    struct kept_id id = keep_id(kept->session->entry_id);
    Forge__SearchReply *found = desk_search(desk, "flamingo");
    assert_int_equal(found->n_hits, 1);
    assert_memory_equal(found->hits[0]->entry->id.data, id.bytes, 16);
    assert_string_equal(found->hits[0]->entry->kind, "session");
    assert_true(bytes_are(found->hits[0]->entry->title, "Repair the gazebo cache"));
    Forge__Entry *entry = desk_get(desk, id_bytes(&id));
    assert_true(bytes_are(entry->content, "Found the flamingo bug\n\nNext steps:\n- write the "
                                          "test\n\nFiles:\n- src/parser.c"));
}

static void
a_session_ends_and_keeps_chosen_notes(void **state)
{
    struct fixture *fixture = *state;
    struct desk *desk = &fixture->desk;
    struct kept_id session = keep_id(start(fixture, "Tune it")->session->entry_id);
    ProtobufCBinaryData keep[] = {text_bytes("Pelicans need 4 KB blocks"), text_bytes("Second")};
    Forge__SessionEndRequest request = FORGE__SESSION_END_REQUEST__INIT;
    request.handle = fixture->handle;
    request.outcome = text_bytes("Done, twice as fast");
    request.keep = keep;
    request.n_keep = 2;

    Forge__SessionEndReply *ended = ask(desk, "End", &request);

    assert_non_null(ended);
    assert_int_equal(ended->n_kept_ids, 2);
    assert_true(ended->session->ended_at_ms > 0);
    struct kept_id note = keep_id(ended->kept_ids[0]);
    Forge__Entry *entry = desk_get(desk, id_bytes(&note));
    assert_string_equal(entry->kind, "note");
    assert_string_equal(entry->session, fixture->handle);
    assert_int_equal(entry->n_links, 1);
    assert_memory_equal(entry->links[0]->to.data, session.bytes, 16);
    assert_int_equal(desk_count(desk)->sessions_open, 0);
    assert_int_equal(desk_count(desk)->entries, 3);
    assert_null(checkpoint(fixture, "too late"));
    assert_int_equal(desk->last.status, STATUS_FAILED_PRECONDITION);
    assert_null(ask(desk, "End", &request));
    assert_int_equal(desk->last.status, STATUS_FAILED_PRECONDITION);
}

static void
an_end_with_one_bad_note_keeps_none(void **state)
{
    struct fixture *fixture = *state;
    start(fixture, "Tune it");
    ProtobufCBinaryData keep[] = {text_bytes("A good one"), text_bytes("\xff")};
    Forge__SessionEndRequest request = FORGE__SESSION_END_REQUEST__INIT;
    request.handle = fixture->handle;
    request.keep = keep;
    request.n_keep = 2;

    assert_null(ask(&fixture->desk, "End", &request));

    assert_int_equal(fixture->desk.last.status, STATUS_INVALID_ARGUMENT);
    assert_int_equal(desk_count(&fixture->desk)->entries, 1);
    assert_int_equal(desk_count(&fixture->desk)->sessions_open, 1);
}

static void
a_handle_serves_its_author_alone(void **state)
{
    struct fixture *fixture = *state;
    struct desk *desk = &fixture->desk;
    start(fixture, "Mine");
    desk->principal.name = TEXT("boris");

    assert_null(checkpoint(fixture, "not mine"));
    assert_int_equal(desk->last.status, STATUS_NOT_FOUND);
    assert_non_null(strstr(desk->last.detail, "no work session of yours"));

    Forge__SessionListRequest request = FORGE__SESSION_LIST_REQUEST__INIT;
    Forge__SessionListReply *list = ask(desk, "List", &request);
    assert_int_equal(list->n_sessions, 1);
    assert_string_equal(list->sessions[0]->task, "Mine");
    assert_string_equal(list->sessions[0]->handle, "");
    snprintf(fixture->handle, sizeof fixture->handle, "ws_nonsense");
    assert_null(checkpoint(fixture, "guessed"));
    assert_int_equal(desk->last.status, STATUS_NOT_FOUND);
}

static void
a_session_is_resumed_by_its_handle(void **state)
{
    struct fixture *fixture = *state;
    start(fixture, "Long work");
    checkpoint(fixture, "Half of it");
    Forge__SessionStartRequest request = FORGE__SESSION_START_REQUEST__INIT;
    request.resume = fixture->handle;

    Forge__SessionStartReply *reply = ask(&fixture->desk, "Start", &request);

    assert_true(reply->resumed);
    assert_string_equal(reply->session->task, "Long work");
    assert_true(bytes_are(reply->session->summary, "Half of it"));
    assert_int_equal(reply->brief->n_items, 1);
    assert_string_equal(reply->brief->items[0]->reason, "matches the task");
    assert_int_equal(desk_count(&fixture->desk)->sessions_open, 1);
}

static void
sessions_are_listed_newest_first_by_pages(void **state)
{
    struct fixture *fixture = *state;
    struct desk *desk = &fixture->desk;
    for (int i = 0; i < 5; i++) {
        char task[32];
        snprintf(task, sizeof task, "task %d", i);
        start(fixture, task);
    }
    Forge__SessionEndRequest end = FORGE__SESSION_END_REQUEST__INIT;
    end.handle = fixture->handle;
    assert_non_null(ask(desk, "End", &end));
    Forge__SessionListRequest request = FORGE__SESSION_LIST_REQUEST__INIT;
    request.active = true;
    request.project = word("atlas");
    request.author = word("anna");
    request.limit = 3;

    Forge__SessionListReply *list = ask(desk, "List", &request);
    assert_int_equal(list->n_sessions, 3);
    assert_string_equal(list->sessions[0]->task, "task 3");
    uint8_t cursor[64];
    assert_true(list->cursor.len > 0 && list->cursor.len <= sizeof cursor);
    request.cursor = (ProtobufCBinaryData){.data = cursor, .len = list->cursor.len};
    memcpy(cursor, list->cursor.data, list->cursor.len);
    list = ask(desk, "List", &request);
    assert_int_equal(list->n_sessions, 1);
    assert_string_equal(list->sessions[0]->task, "task 0");
    assert_int_equal(list->cursor.len, 0);
}

static void
a_forgotten_session_takes_its_handle_along(void **state)
{
    struct fixture *fixture = *state;
    struct desk *desk = &fixture->desk;
    struct kept_id id = keep_id(start(fixture, "Secret")->session->entry_id);
    ProtobufCBinaryData ids = id_bytes(&id);
    Forge__ForgetRequest request = FORGE__FORGET_REQUEST__INIT;
    request.n_ids = 1;
    request.ids = &ids;

    assert_non_null(desk_ask(desk, &forge__context__descriptor, "Forget", &request));

    assert_null(checkpoint(fixture, "gone"));
    assert_int_equal(desk->last.status, STATUS_NOT_FOUND);
    assert_int_equal(desk_count(desk)->sessions_open, 0);
    Forge__SessionListRequest list = FORGE__SESSION_LIST_REQUEST__INIT;
    assert_int_equal(((Forge__SessionListReply *)ask(desk, "List", &list))->n_sessions, 0);
}

static void
a_repeated_start_gives_the_same_session(void **state)
{
    struct fixture *fixture = *state;
    static const uint8_t key[16] = "one start alone";
    fixture->desk.key = key;
    start(fixture, "Once");
    char handle[64];
    memcpy(handle, fixture->handle, sizeof handle);

    Forge__SessionStartReply *again = start(fixture, "Once");

    assert_string_equal(fixture->handle, handle);
    assert_string_equal(again->session->task, "Once");
    assert_int_equal(desk_count(&fixture->desk)->entries, 1);
}

static void
save(struct desk *desk, const char *kind, const char *content, bool pinned)
{
    Forge__SaveRequest request = FORGE__SAVE_REQUEST__INIT;
    request.project = word("atlas");
    request.kind = word(kind);
    request.content = text_bytes(content);
    request.pinned = pinned;
    assert_non_null(desk_ask(desk, &forge__context__descriptor, "Save", &request));
}

static void
a_brief_holds_what_matters_in_its_order(void **state)
{
    struct fixture *fixture = *state;
    struct desk *desk = &fixture->desk;
    save(desk, "decision", "We deploy on Tuesdays only.", false);
    save(desk, "note", "Nothing to do with anything.", false);
    save(desk, "convention", "Tests are sentences.", true);
    save(desk, "error", "The narwhal cache overflows at 2 GB; raise the limit.", false);
    start(fixture, "Earlier work");
    checkpoint(fixture, "Left at the parser");
    Forge__BriefRequest request = FORGE__BRIEF_REQUEST__INIT;
    request.project = word("atlas");
    request.task = word("fix the narwhal cache");

    Forge__BriefReply *brief = desk_ask(desk, &forge__context__descriptor, "Brief", &request);

    assert_non_null(brief);
    assert_int_equal(brief->n_items, 4);
    assert_string_equal(brief->items[0]->reason, "pinned");
    assert_true(bytes_are(brief->items[0]->text, "Tests are sentences."));
    assert_string_equal(brief->items[1]->reason, "matches the task");
    assert_true(brief->items[1]->score > 0);
    assert_string_equal(brief->items[2]->reason, "last session");
    assert_string_equal(brief->items[3]->reason, "recent decision");
    for (size_t i = 0; i < brief->n_items; i++)
        assert_int_equal(brief->items[i]->entry->content.len, 0);
}

static void
a_brief_keeps_its_budget_and_leaves_the_superseded_out(void **state)
{
    struct desk *desk = &((struct fixture *)*state)->desk;
    char text[3000];
    struct kept_id old = keep_id(desk_save(desk, "atlas", "Old truth about otters")->id);
    Forge__SaveRequest newer = FORGE__SAVE_REQUEST__INIT;
    newer.project = word("atlas");
    newer.content = text_bytes("New truth about otters");
    newer.supersedes = id_bytes(&old);
    assert_non_null(desk_ask(desk, &forge__context__descriptor, "Save", &newer));
    for (int i = 0; i < 20; i++) {
        memset(text, 'x', sizeof text - 1);
        text[sizeof text - 1] = '\0';
        char beginning[48];
        int size = snprintf(beginning, sizeof beginning, "Decision %d on otters", i);
        memcpy(text, beginning, (size_t)size);
        text[size] = ' ';
        save(desk, "decision", text, i < 3);
    }
    Forge__BriefRequest request = FORGE__BRIEF_REQUEST__INIT;
    request.project = word("atlas");
    request.task = word("otters");
    request.max_bytes = 2000;

    Forge__BriefReply *brief = desk_ask(desk, &forge__context__descriptor, "Brief", &request);

    size_t bytes = 0;
    for (size_t i = 0; i < brief->n_items; i++) {
        bytes += brief->items[i]->text.len + brief->items[i]->entry->title.len;
        assert_false(bytes_are(brief->items[i]->text, "Old truth about otters"));
        for (size_t j = 0; j < i; j++)
            assert_memory_not_equal(
                brief->items[i]->entry->id.data, brief->items[j]->entry->id.data, 16);
    }
    assert_true(brief->n_items >= 3);
    assert_true(bytes <= 2000);
}

int
main(void)
{
#define SESSION_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        SESSION_TEST(a_session_is_found_by_what_it_did),
        SESSION_TEST(a_session_ends_and_keeps_chosen_notes),
        SESSION_TEST(an_end_with_one_bad_note_keeps_none),
        SESSION_TEST(a_handle_serves_its_author_alone),
        SESSION_TEST(a_session_is_resumed_by_its_handle),
        SESSION_TEST(sessions_are_listed_newest_first_by_pages),
        SESSION_TEST(a_forgotten_session_takes_its_handle_along),
        SESSION_TEST(a_repeated_start_gives_the_same_session),
        SESSION_TEST(a_brief_holds_what_matters_in_its_order),
        SESSION_TEST(a_brief_keeps_its_budget_and_leaves_the_superseded_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
