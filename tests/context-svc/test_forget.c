/* Forgetting: by id, by filter, and that no live key or value holds the text any more. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/buffer.h"
#include "common/base/clock.h"
#include "tests/context-svc/desk.h"

struct fixture {
    struct desk_service service;
    struct desk desk;
    char folder[64];
};

static int
setup(void **state)
{
    static struct fixture fixture;
    folder_make(fixture.folder);
    char path[80];
    snprintf(path, sizeof path, "%s/store", fixture.folder);
    desk_service_start(&fixture.service, path);
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

/* Everything that is in the store, keys and values one after the other. */
static void
dump(struct desk *desk, struct buffer *out)
{
    uint32_t roles = desk->principal.roles;
    desk->principal.roles = ROLE_PROGRAM;
    Forge__ExportRequest request = FORGE__EXPORT_REQUEST__INIT;
    CLEANUP(buffer_release) struct buffer id = {0};
    CLEANUP(buffer_release) struct buffer after = {0};
    bool last = false;
    while (!last) {
        Forge__ExportReply *page = desk_ask(desk, &forge__transfer__descriptor, "Export", &request);
        if (!page)
            desk_fail(desk, "not exported");
        for (size_t i = 0; i < page->n_records; i++) {
            buffer_add(out, page->records[i]->key.data, page->records[i]->key.len);
            buffer_add(out, page->records[i]->value.data, page->records[i]->value.len);
        }
        if (page->n_records) {
            ProtobufCBinaryData key = page->records[page->n_records - 1]->key;
            buffer_clear(&after);
            buffer_add(&after, key.data, key.len);
        }
        buffer_clear(&id);
        buffer_add(&id, page->export_id.data, page->export_id.len);
        request.export_id = (ProtobufCBinaryData){.data = (uint8_t *)id.data, .len = id.length};
        request.after_key =
            (ProtobufCBinaryData){.data = (uint8_t *)after.data, .len = after.length};
        last = page->last;
    }
    request.finish = true;
    desk_ask(desk, &forge__transfer__descriptor, "Export", &request);
    desk->principal.roles = roles;
}

static bool
store_holds(struct desk *desk, const char *text)
{
    CLEANUP(buffer_release) struct buffer all = {0};
    dump(desk, &all);
    assert_true(all.length > 0);
    return memmem(buffer_string(&all), all.length, text, strlen(text)) != NULL;
}

static Forge__ForgetReply *
forget(struct desk *desk, const Forge__ForgetRequest *request)
{
    return desk_ask(desk, &forge__context__descriptor, "Forget", request);
}

static void
forget_id(struct desk *desk, struct kept_id *id)
{
    ProtobufCBinaryData ids = id_bytes(id);
    Forge__ForgetRequest request = FORGE__FORGET_REQUEST__INIT;
    request.n_ids = 1;
    request.ids = &ids;
    Forge__ForgetReply *reply = forget(desk, &request);
    assert_non_null(reply);
    assert_int_equal(reply->n_ids, 1);
}

static void
a_forgotten_entry_leaves_no_text_behind(void **state)
{
    struct desk *desk = &((struct fixture *)*state)->desk;
    static const uint8_t key[16] = "key of this save";
    char *tags[] = {word("quokkatag")};
    Forge__SaveRequest save = FORGE__SAVE_REQUEST__INIT;
    save.project = word("atlas");
    save.title = text_bytes("About quokkatitle");
    save.content = text_bytes("The password is quokkacontent and it leaked");
    save.tags = tags;
    save.n_tags = 1;
    desk->key = key;
    Forge__SaveReply *saved = desk_ask(desk, &forge__context__descriptor, "Save", &save);
    struct kept_id id = keep_id(saved->id);
    desk->key = NULL;
    Forge__UpdateRequest update = FORGE__UPDATE_REQUEST__INIT;
    update.id = id_bytes(&id);
    update.has_content_case = FORGE__UPDATE_REQUEST__HAS_CONTENT_CONTENT;
    update.content = text_bytes("The second text has a quokkasecond");
    assert_non_null(desk_ask(desk, &forge__context__descriptor, "Update", &update));
    assert_true(store_holds(desk, "quokkacontent"));
    assert_true(store_holds(desk, "quokkasecond"));

    forget_id(desk, &id);

    assert_false(store_holds(desk, "quokka"));
    assert_null(desk_get(desk, id_bytes(&id)));
    assert_int_equal(desk_search(desk, "quokkasecond")->n_hits, 0);
    assert_int_equal(desk_search(desk, "password leaked")->n_hits, 0);
    assert_int_equal(desk_count(desk)->entries, 0);
    Forge__ChangesRequest request = FORGE__CHANGES_REQUEST__INIT;
    Forge__ChangesReply *changes = desk_ask(desk, &forge__context__descriptor, "Changes", &request);
    assert_int_equal(changes->n_changes, 3);
    assert_int_equal(changes->changes[2]->kind, FORGE__CHANGE_KIND__FORGOTTEN);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(changes->changes[i]->title.len, 0);
}

/* The index keeps words of forgotten entries in blocks until it rewrites them. */
static void
many_forgotten_entries_leave_no_text_behind(void **state)
{
    enum { COUNT = 700, FORGOTTEN = 350 };
    struct desk *desk = &((struct fixture *)*state)->desk;
    static struct question questions[COUNT];
    static struct kept_id ids[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        char text[64];
        snprintf(text, sizeof text, "%s number%zu", i < FORGOTTEN ? "wombatsecret" : "harmless", i);
        Forge__SaveRequest save = FORGE__SAVE_REQUEST__INIT;
        save.content = text_bytes(text);
        desk_send(desk, &questions[i], &forge__context__descriptor, "Save", &save);
    }
    desk_wait(desk, questions, COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        assert_int_equal(questions[i].status, STATUS_OK);
        ids[i] = keep_id(((Forge__SaveReply *)questions[i].reply)->id);
        question_release(&questions[i]);
    }
    desk_turn(desk, 500); /* the index flushes a segment meanwhile */

    for (size_t i = 0; i < FORGOTTEN; i++)
        forget_id(desk, &ids[i]);

    assert_false(store_holds(desk, "wombatsecret"));
    assert_int_equal(desk_search(desk, "wombatsecret")->n_hits, 0);
    assert_true(desk_search(desk, "harmless")->n_hits > 0);
    assert_int_equal(desk_count(desk)->entries, COUNT - FORGOTTEN);
}

static void
forget_by_filter_can_be_tried_first_and_is_bounded(void **state)
{
    enum { COUNT = 120 };
    struct desk *desk = &((struct fixture *)*state)->desk;
    for (int i = 0; i < COUNT; i++) {
        char text[32];
        snprintf(text, sizeof text, "entry %d", i);
        desk_save(desk, i % 2 ? "odd" : "even", text);
    }
    for (int i = 0; i < COUNT; i++) {
        char text[32];
        snprintf(text, sizeof text, "more %d", i);
        desk_save(desk, "odd", text);
    }
    Forge__ForgetRequest request = FORGE__FORGET_REQUEST__INIT;
    request.project = word("odd");
    request.dry_run = true;

    Forge__ForgetReply *reply = forget(desk, &request);
    assert_int_equal(reply->n_ids, 100);
    assert_true(reply->more);
    assert_int_equal(desk_count(desk)->entries, COUNT * 2);

    request.dry_run = false;
    reply = forget(desk, &request);
    assert_int_equal(reply->n_ids, 100);
    assert_true(reply->more);
    reply = forget(desk, &request);
    assert_int_equal(reply->n_ids, 80);
    assert_false(reply->more);
    assert_int_equal(desk_count(desk)->entries, COUNT / 2);
    Forge__ProjectsRequest projects = FORGE__PROJECTS_REQUEST__INIT;
    Forge__ProjectsReply *left = desk_ask(desk, &forge__context__descriptor, "Projects", &projects);
    assert_int_equal(left->n_projects, 1);
    assert_string_equal(left->projects[0]->name, "even");
}

static void
kinds_tags_and_age_narrow_what_is_forgotten(void **state)
{
    struct desk *desk = &((struct fixture *)*state)->desk;
    char *tags[] = {word("old")};
    char *kinds[] = {word("error")};
    Forge__SaveRequest save = FORGE__SAVE_REQUEST__INIT;
    save.content = text_bytes("an error of long ago");
    save.kind = word("error");
    save.tags = tags;
    save.n_tags = 1;
    save.created_at_ms = 1000000;
    assert_non_null(desk_ask(desk, &forge__context__descriptor, "Save", &save));
    save.content = text_bytes("an error of today");
    save.created_at_ms = 0;
    assert_non_null(desk_ask(desk, &forge__context__descriptor, "Save", &save));
    save.content = text_bytes("a note of long ago");
    save.kind = word("note");
    save.created_at_ms = 1000000;
    assert_non_null(desk_ask(desk, &forge__context__descriptor, "Save", &save));
    Forge__ForgetRequest request = FORGE__FORGET_REQUEST__INIT;
    request.kinds = kinds;
    request.n_kinds = 1;
    request.tags = tags;
    request.n_tags = 1;
    request.before_ms = 2000000;

    Forge__ForgetReply *reply = forget(desk, &request);

    assert_int_equal(reply->n_ids, 1);
    assert_int_equal(desk_search(desk, "error")->n_hits, 1);
    assert_int_equal(desk_count(desk)->entries, 2);
}

static void
ids_and_filter_together_or_neither_are_refused(void **state)
{
    struct desk *desk = &((struct fixture *)*state)->desk;
    struct kept_id id = {{1}};
    ProtobufCBinaryData ids = id_bytes(&id);
    Forge__ForgetRequest request = FORGE__FORGET_REQUEST__INIT;
    assert_null(forget(desk, &request));
    assert_int_equal(desk->last.status, STATUS_INVALID_ARGUMENT);
    request.n_ids = 1;
    request.ids = &ids;
    request.project = word("atlas");
    assert_null(forget(desk, &request));
    assert_int_equal(desk->last.status, STATUS_INVALID_ARGUMENT);

    request.project = word("");
    Forge__ForgetReply *reply = forget(desk, &request);

    assert_int_equal(reply->n_ids, 0);
    assert_int_equal(reply->n_missing, 1);
}

int
main(void)
{
#define FORGET_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        FORGET_TEST(a_forgotten_entry_leaves_no_text_behind),
        FORGET_TEST(many_forgotten_entries_leave_no_text_behind),
        FORGET_TEST(forget_by_filter_can_be_tried_first_and_is_bounded),
        FORGET_TEST(kinds_tags_and_age_narrow_what_is_forgotten),
        FORGET_TEST(ids_and_filter_together_or_neither_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
