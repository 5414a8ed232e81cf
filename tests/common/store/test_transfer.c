#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "common/store/transfer.h"

#include "fixture.h"

struct setting {
    char *folder;
    struct store *source;
    struct store *target;
    struct transfer_exports *exports;
    struct transfer_import *import;
};

static int
set_up(void **state)
{
    struct setting *self = memory_new(sizeof *self);
    self->folder = folder_make();
    self->source = store_of(STORE_LEVELDB, self->folder);
    self->target = store_of(STORE_MEMORY, NULL);
    self->exports = transfer_exports_create(self->source);
    self->import = transfer_import_create(self->target);
    *state = self;
    return 0;
}

static int
tear_down(void **state)
{
    struct setting *self = *state;
    transfer_import_destroy(&self->import);
    transfer_exports_destroy(&self->exports);
    store_close(&self->target);
    store_close(&self->source);
    folder_remove(&self->folder);
    free(self);
    return 0;
}

/* An id that outlives the call that gave it. */
struct kept {
    char bytes[STORE_KEY_MAX];
    size_t length;
};

static void
keep(struct kept *kept, struct text text)
{
    memcpy(kept->bytes, text.data, text.length);
    kept->length = text.length;
}

static struct text
kept_text(const struct kept *kept)
{
    return text_from(kept->bytes, kept->length);
}

static struct transfer_page
page_of(struct setting *self, struct text id, struct text after, uint32_t max_bytes)
{
    struct transfer_page page = {0};
    struct problem problem = {0};
    struct transfer_export_request request = {
        .export_id = id, .after_key = after, .max_bytes = max_bytes};
    assert_int_equal(transfer_export(self->exports, &request, 1000, &page, &problem), STATUS_OK);
    return page;
}

/* Every page from the source straight into the target; the number of pages. */
static unsigned
carry_over(struct setting *self, uint32_t max_bytes)
{
    struct kept export_id = {0}, import_id = {0}, after = {0};
    struct problem problem = {0};
    struct transfer_page page = {0};
    uint64_t records = 0;
    unsigned pages = 0;
    do {
        page = page_of(self, kept_text(&export_id), kept_text(&after), max_bytes);
        keep(&export_id, page.export_id);
        if (page.count)
            keep(&after, page.records[page.count - 1].key);
        records += page.count;
        pages++;
        struct transfer_import_request request = {
            .import_id = kept_text(&import_id),
            .records = page.records,
            .count = page.count,
            .last = page.last,
            .sequence = page.sequence,
            .record_count = records,
            .format = page.format,
        };
        struct transfer_imported imported = {0};
        assert_int_equal(
            transfer_import(self->import, &request, 1000, &imported, &problem), STATUS_OK);
        assert_int_equal(imported.records, records);
        keep(&import_id, imported.import_id);
    } while (!page.last);
    struct transfer_export_request finish = {.export_id = kept_text(&export_id), .finish = true};
    assert_int_equal(transfer_export(self->exports, &finish, 1000, &page, &problem), STATUS_OK);
    assert_int_equal(
        transfer_export(self->exports, &finish, 1000, &page, &problem), STATUS_NOT_FOUND);
    return pages;
}

static void
assert_same_rows(struct store *a, struct store *b)
{
    struct store_snapshot *snapshots[2] = {store_snapshot_create(a), store_snapshot_create(b)};
    struct store_scan *scans[2];
    struct text key[2], value[2];
    bool there[2];
    for (int i = 0; i < 2; i++)
        scans[i] = store_scan_create(snapshots[i], TEXT(""), TEXT(""), false);
    do {
        for (int i = 0; i < 2; i++)
            there[i] = store_scan_next(scans[i], &key[i], &value[i]);
        assert_int_equal(there[0], there[1]);
        assert_true(!there[0] || (text_equals(key[0], key[1]) && text_equals(value[0], value[1])));
    } while (there[0]);
    for (int i = 0; i < 2; i++) {
        store_scan_destroy(&scans[i]);
        store_snapshot_destroy(&snapshots[i]);
    }
}

static void
a_store_travels_page_by_page(void **state)
{
    struct setting *self = *state;
    commit_many(self->source, 1000, 200);

    assert_int_equal(carry_over(self, 20000), 11);

    assert_same_rows(self->source, self->target);
    assert_int_equal(store_sequence(self->target), store_sequence(self->source));
}

static void
an_empty_store_travels_too(void **state)
{
    struct setting *self = *state;

    assert_int_equal(carry_over(self, 0), 1);

    assert_int_equal(store_sequence(self->target), 0);
    assert_int_equal(commit_one(self->target, "a", "1"), STATUS_OK);
}

static void
a_record_larger_than_the_page_travels_alone(void **state)
{
    struct setting *self = *state;
    commit_many(self->source, 3, 500);

    assert_int_equal(carry_over(self, 1), 3);

    assert_same_rows(self->source, self->target);
}

static void
an_export_shows_one_moment(void **state)
{
    struct setting *self = *state;
    commit_many(self->source, 10, 100);
    struct kept id = {0};
    keep(&id, page_of(self, TEXT(""), TEXT(""), 300).export_id);

    assert_int_equal(commit_one(self->source, "zzz", "later"), STATUS_OK);

    struct transfer_page page = page_of(self, kept_text(&id), TEXT("key00001"), 0);
    assert_int_equal(page.count, 8);
    assert_true(page.last);
    assert_int_equal(page.sequence, 1);
}

static void
an_idle_export_is_let_go(void **state)
{
    struct setting *self = *state;
    struct problem problem = {0};
    struct kept id = {0};
    keep(&id, page_of(self, TEXT(""), TEXT(""), 0).export_id);
    struct transfer_export_request request = {.export_id = kept_text(&id)};
    struct transfer_page page = {0};

    int64_t later = 1000 + TRANSFER_IDLE_MS;
    assert_int_equal(
        transfer_export(self->exports, &request, later - 1, &page, &problem), STATUS_OK);
    assert_int_equal(
        transfer_export(self->exports, &request, later + 10, &page, &problem), STATUS_OK);
    transfer_exports_expire(self->exports, later + 10 + TRANSFER_IDLE_MS);
    assert_int_equal(
        transfer_export(self->exports, &request, later, &page, &problem), STATUS_NOT_FOUND);
}

static void
exports_are_few(void **state)
{
    struct setting *self = *state;
    struct problem problem = {0};
    struct transfer_page page = {0};
    struct transfer_export_request request = {0};
    for (int i = 0; i < TRANSFER_EXPORTS_MAX; i++)
        page_of(self, TEXT(""), TEXT(""), 0);

    assert_int_equal(
        transfer_export(self->exports, &request, 1000, &page, &problem), STATUS_RESOURCE_EXHAUSTED);
    transfer_exports_clear(self->exports);
    page_of(self, TEXT(""), TEXT(""), 0);
    request.export_id = TEXT("short");
    assert_int_equal(
        transfer_export(self->exports, &request, 1000, &page, &problem), STATUS_INVALID_ARGUMENT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_store_travels_page_by_page),
        TEST(an_empty_store_travels_too),
        TEST(a_record_larger_than_the_page_travels_alone),
        TEST(an_export_shows_one_moment),
        TEST(an_idle_export_is_let_go),
        TEST(exports_are_few),
    };
    return cmocka_run_group_tests_name("transfer", tests, NULL, NULL);
}
