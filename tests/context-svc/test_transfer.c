/* A store that travelled page by page answers as the one it came from. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/context-svc/desk.h"

enum { ENTRIES = 700 };

struct fixture {
    struct desk_service from_service;
    struct desk_service to_service;
    struct desk from;
    struct desk to;
    char folder[64];
    char path[80];
};

static int
setup(void **state)
{
    static struct fixture fixture;
    folder_make(fixture.folder);
    snprintf(fixture.path, sizeof fixture.path, "%s/store", fixture.folder);
    desk_service_start(&fixture.from_service, NULL);
    desk_service_start(&fixture.to_service, fixture.path);
    desk_open(&fixture.from, fixture.from_service.endpoint);
    desk_open(&fixture.to, fixture.to_service.endpoint);
    *state = &fixture;
    return 0;
}

static int
teardown(void **state)
{
    struct fixture *fixture = *state;
    desk_close(&fixture->from);
    desk_close(&fixture->to);
    desk_service_stop(&fixture->from_service);
    desk_service_stop(&fixture->to_service);
    folder_remove(fixture->folder);
    return 0;
}

static void
fill(struct desk *desk)
{
    static struct question questions[ENTRIES];
    for (size_t i = 0; i < ENTRIES; i++) {
        char text[96];
        snprintf(
            text, sizeof text, "fact%zu about topic%zu and its cousin topic%zu", i, i % 13, i % 29);
        Forge__SaveRequest request = FORGE__SAVE_REQUEST__INIT;
        request.project = word(i % 2 ? "atlas" : "orion");
        request.content = text_bytes(text);
        desk_send(desk, &questions[i], &forge__context__descriptor, "Save", &request);
    }
    desk_wait(desk, questions, ENTRIES);
    for (size_t i = 0; i < ENTRIES; i++) {
        assert_int_equal(questions[i].status, STATUS_OK);
        question_release(&questions[i]);
    }
}

/* Pages of one export, kept until released. */
struct pages {
    Forge__ExportReply *all[64];
    size_t count;
    uint64_t records;
    uint64_t sequence;
    uint32_t format;
};

static void
export_all(struct desk *desk, struct pages *pages)
{
    *pages = (struct pages){.count = 0};
    Forge__ExportRequest request = FORGE__EXPORT_REQUEST__INIT;
    request.max_bytes = 40000;
    desk->principal.roles = ROLE_PROGRAM;
    bool last = false;
    while (!last) {
        Forge__ExportReply *page = desk_ask(desk, &forge__transfer__descriptor, "Export", &request);
        assert_non_null(page);
        assert_true(pages->count < 64);
        desk->last.reply = NULL; /* kept */
        pages->all[pages->count++] = page;
        pages->records += page->n_records;
        pages->sequence = page->sequence;
        pages->format = page->format;
        request.export_id = page->export_id;
        request.after_key = page->records[page->n_records - 1]->key;
        last = page->last;
    }
    request.finish = true;
    assert_non_null(desk_ask(desk, &forge__transfer__descriptor, "Export", &request));
    desk->principal.roles = ROLE_READER | ROLE_WRITER;
}

static void
release_pages(struct pages *pages)
{
    for (size_t i = 0; i < pages->count; i++)
        forge__export_reply__free_unpacked(pages->all[i], NULL);
}

/* The last page says how many records there were; `missing` takes some off. */
static Forge__ImportReply *
import_all(struct desk *desk, const struct pages *pages, uint64_t missing)
{
    static uint8_t id[16];
    Forge__ImportReply *reply = NULL;
    desk->principal.roles = ROLE_PROGRAM;
    for (size_t i = 0; i < pages->count; i++) {
        Forge__ImportRequest request = FORGE__IMPORT_REQUEST__INIT;
        request.import_id = (ProtobufCBinaryData){.data = id, .len = i ? sizeof id : 0};
        request.n_records = pages->all[i]->n_records;
        request.records = pages->all[i]->records;
        request.format = pages->format;
        request.last = i + 1 == pages->count;
        request.sequence = pages->sequence;
        request.record_count = pages->records - missing;
        reply = desk_ask(desk, &forge__transfer__descriptor, "Import", &request);
        if (!reply)
            break;
        if (reply->import_id.len == sizeof id)
            memcpy(id, reply->import_id.data, sizeof id);
    }
    desk->principal.roles = ROLE_READER | ROLE_WRITER;
    return reply;
}

static void
prove(struct desk *desk)
{
    Forge__ProveRequest request = FORGE__PROVE_REQUEST__INIT;
    Forge__ProveReply *reply = desk_ask(desk, &forge__health__descriptor, "Prove", &request);
    assert_non_null(reply);
    for (size_t i = 0; i < reply->n_proofs; i++)
        if (!reply->proofs[i]->good)
            fail_msg("%s: %s", reply->proofs[i]->name, reply->proofs[i]->reason);
}

static void
expect_equal_searches(struct fixture *fixture)
{
    for (int topic = 0; topic < 13; topic++) {
        char query[64];
        snprintf(query, sizeof query, "topic%d fact%d", topic, topic * 7);
        Forge__SearchReply *here = desk_search(&fixture->from, query);
        Forge__SearchReply *there = desk_search(&fixture->to, query);
        assert_true(here->n_hits > 0);
        assert_int_equal(here->n_hits, there->n_hits);
        assert_int_equal(here->total, there->total);
        for (size_t i = 0; i < here->n_hits; i++) {
            assert_memory_equal(here->hits[i]->entry->id.data, there->hits[i]->entry->id.data, 16);
            assert_float_equal(here->hits[i]->score, there->hits[i]->score, 0.0001);
        }
    }
}

static void
an_imported_store_answers_as_the_exported_one(void **state)
{
    struct fixture *fixture = *state;
    fill(&fixture->from);
    prove(&fixture->from);
    prove(&fixture->to);
    desk_turn(&fixture->from, 400); /* a segment of the index is flushed meanwhile */
    struct pages pages;
    export_all(&fixture->from, &pages);
    assert_true(pages.count > 3);

    Forge__ImportReply *reply = import_all(&fixture->to, &pages, 0);

    if (!reply)
        desk_fail(&fixture->to, "not imported");
    assert_int_equal(reply->imported, pages.records);
    assert_int_equal(desk_count(&fixture->to)->entries, ENTRIES);
    assert_int_equal(desk_count(&fixture->to)->sequence, desk_count(&fixture->from)->sequence);
    expect_equal_searches(fixture);
    desk_save(&fixture->to, "atlas", "Writing goes on from there");
    assert_int_equal(desk_count(&fixture->to)->sequence, ENTRIES + 1);
    prove(&fixture->to);
    release_pages(&pages);
}

static void
a_store_with_entries_takes_no_import(void **state)
{
    struct fixture *fixture = *state;
    fill(&fixture->from);
    desk_save(&fixture->to, "atlas", "Already here");
    struct pages pages;
    export_all(&fixture->from, &pages);

    assert_null(import_all(&fixture->to, &pages, 0));

    assert_int_equal(fixture->to.last.status, STATUS_FAILED_PRECONDITION);
    assert_int_equal(desk_count(&fixture->to)->entries, 1);
    assert_int_equal(desk_search(&fixture->to, "already")->n_hits, 1);
    release_pages(&pages);
}

static void
an_import_that_lacks_records_is_undone(void **state)
{
    struct fixture *fixture = *state;
    fill(&fixture->from);
    prove(&fixture->to);
    struct pages pages;
    export_all(&fixture->from, &pages);

    assert_null(import_all(&fixture->to, &pages, 1));

    assert_int_equal(fixture->to.last.status, STATUS_DATA_LOSS);
    assert_int_equal(desk_count(&fixture->to)->entries, 0);
    prove(&fixture->to);
    assert_non_null(import_all(&fixture->to, &pages, 0));
    expect_equal_searches(fixture);
    release_pages(&pages);
}

static void
only_operators_and_programs_transfer(void **state)
{
    struct fixture *fixture = *state;
    Forge__ExportRequest request = FORGE__EXPORT_REQUEST__INIT;

    assert_null(desk_ask(&fixture->from, &forge__transfer__descriptor, "Export", &request));

    assert_int_equal(fixture->from.last.status, STATUS_PERMISSION_DENIED);
}

int
main(void)
{
#define TRANSFER_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TRANSFER_TEST(an_imported_store_answers_as_the_exported_one),
        TRANSFER_TEST(a_store_with_entries_takes_no_import),
        TRANSFER_TEST(an_import_that_lacks_records_is_undone),
        TRANSFER_TEST(only_operators_and_programs_transfer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
