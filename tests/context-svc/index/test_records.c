/* What the index writes is what it reads, and nothing shorter or longer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/base/memory.h"
#include "context-svc/index/block.h"
#include "context-svc/index/codec.h"
#include "context-svc/index/forward.h"
#include "context-svc/index/key.h"
#include "context-svc/index/progress.h"
#include "context-svc/index/record.h"

static void
varints_keep_every_size(void **state)
{
    (void)state;
    CLEANUP(buffer_release) struct buffer out = {0};
    for (unsigned shift = 0; shift < 64; shift++)
        index_put_varint(&out, (UINT64_MAX >> shift) - shift % 2);
    index_put_text(&out, TEXT("after"));

    struct index_cursor cursor = index_cursor_over(buffer_text(&out));
    for (unsigned shift = 0; shift < 64; shift++)
        assert_true(index_take_varint(&cursor) == (UINT64_MAX >> shift) - shift % 2);
    assert_true(text_is(index_take_text(&cursor), "after"));
    assert_false(cursor.failed);
    assert_int_equal(index_take_varint(&cursor), 0);
    assert_true(cursor.failed);

    cursor = index_cursor_over(TEXT("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01"));
    index_take_varint(&cursor);
    assert_true(cursor.failed);
    cursor = index_cursor_over((struct text){0});
    assert_int_equal(index_take_byte(&cursor), 0);
    assert_true(cursor.failed);
}

/* A copy of exactly that size, so that reading past the end is seen. */
static struct text
exactly(const struct buffer *record, size_t size)
{
    char *copy = malloc(size ? size : 1);
    assert_non_null(copy);
    if (size)
        memcpy(copy, record->data, size);
    return text_from(copy, size);
}

static void
a_block_returns_its_postings(void **state)
{
    (void)state;
    struct index_posting in[INDEX_BLOCK_MAX];
    struct index_posting out[INDEX_BLOCK_MAX];
    for (uint32_t i = 0; i < INDEX_BLOCK_MAX; i++)
        in[i] = (struct index_posting){i * i * 1000 + i + 7, (uint8_t)(i * 2)};
    for (size_t count = 1; count <= INDEX_BLOCK_MAX; count++) {
        CLEANUP(buffer_release) struct buffer record = {0};
        index_block_write(&record, in, count);
        assert_int_equal(index_block_read(buffer_text(&record), 7, out), count);
        for (size_t i = 0; i < count; i++) {
            assert_int_equal(out[i].unit, in[i].unit);
            assert_int_equal(out[i].weight, in[i].weight);
        }
        for (size_t size = 0; size < record.length; size += 1 + size / 8) {
            struct text cut = exactly(&record, size);
            assert_int_equal(index_block_read(cut, 7, out), 0);
            free((void *)cut.data);
        }
        buffer_add_byte(&record, 0);
        assert_int_equal(index_block_read(buffer_text(&record), 7, out), 0);
    }
}

static void
a_forward_record_finds_its_terms(void **state)
{
    (void)state;
    enum { COUNT = 300 };
    uint64_t terms[COUNT];
    uint8_t weights[COUNT];
    uint32_t order[COUNT];
    for (uint32_t i = 0; i < COUNT; i++) {
        terms[i] = (uint64_t)i * 3000000000U + 5;
        weights[i] = (uint8_t)i;
        order[i] = COUNT - i;
    }
    const struct index_forward_parts parts = {
        .terms = terms, .weights = weights, .count = COUNT, .order = order, .order_count = COUNT};
    CLEANUP(buffer_release) struct buffer record = {0};
    index_forward_write(&record, &parts);

    struct index_forward forward;
    assert_true(index_forward_read(buffer_text(&record), &forward));
    assert_int_equal(forward.count, COUNT);
    for (uint32_t i = 0; i < COUNT; i++) {
        assert_int_equal(index_forward_find(&forward, terms[i]), i);
        assert_int_equal(index_forward_find(&forward, terms[i] + 1), -1);
        assert_int_equal(forward.weights[i], (uint8_t)i);
    }
    struct index_cursor cursor = index_cursor_over(text_from(forward.order, forward.order_size));
    for (uint32_t i = 0; i < COUNT; i++)
        assert_int_equal(index_take_varint(&cursor), order[i]);
    assert_true(cursor.at == cursor.end);
    for (size_t size = 0; size < 2 + 6 * COUNT; size += 37) {
        struct text cut = exactly(&record, size);
        assert_false(index_forward_read(cut, &forward));
        free((void *)cut.data);
    }
}

static void
a_document_record_returns_whole(void **state)
{
    (void)state;
    const struct index_record in = {
        .id = {.bytes = {1, 2, 3}},
        .analyser = 1,
        .scope = 3,
        .flags = 2,
        .created_at_ms = 1700000000123,
        .updated_at_ms = 1600000000000,
        .expires_at_ms = -5,
        .project = TEXT("a project"),
        .kind = TEXT("note"),
        .branch = TEXT("main"),
        .tag_count = 2,
        .tags = TEXT("\x01x\x00"),
        .unit_count = 1,
        .units = TEXT("\x07\x00"),
    };
    CLEANUP(buffer_release) struct buffer record = {0};
    index_record_write(&record, &in);
    buffer_add_text(&record, in.tags);
    buffer_add_text(&record, in.units);

    struct index_record out;
    assert_true(index_record_read(buffer_text(&record), &out));
    assert_memory_equal(out.id.bytes, in.id.bytes, UUID_SIZE);
    assert_true(out.created_at_ms == in.created_at_ms && out.updated_at_ms == in.updated_at_ms);
    assert_true(out.expires_at_ms == -5);
    assert_int_equal(out.scope, 3);
    assert_int_equal(out.flags, 2);
    assert_true(text_equals(out.project, in.project) && text_equals(out.kind, in.kind));
    assert_true(text_equals(out.branch, in.branch) && !out.author.length && !out.session.length);
    assert_true(text_equals(out.tags, in.tags) && text_equals(out.units, in.units));
    for (size_t size = 0; size + in.units.length < record.length; size++) {
        struct text cut = exactly(&record, size);
        assert_false(index_record_read(cut, &out));
        free((void *)cut.data);
    }
}

static void
progress_returns_whole(void **state)
{
    (void)state;
    const struct index_progress in = {.flushed = 1024,
        .flush_term = 77,
        .merging = true,
        .merge_term = 99,
        .merge_unit = 5,
        .merged = 512,
        .purged = 3,
        .next_merged = 1024,
        .next_purged = 9};
    CLEANUP(buffer_release) struct buffer record = {0};
    index_progress_write(&record, &in);
    struct index_progress out = {0};
    assert_true(index_progress_read(buffer_text(&record), &out));
    assert_int_equal(out.flushed, 1024);
    assert_int_equal(out.flush_term, 77);
    assert_true(out.merging);
    assert_int_equal(out.next_purged, 9);
    for (size_t size = 0; size < record.length; size++)
        assert_false(index_progress_read(text_from(record.data, size), &out));
    record.data[1] = 1; /* flushed within a segment */
    assert_false(index_progress_read(buffer_text(&record), &out));
}

static void
keys_sort_as_numbers_do(void **state)
{
    (void)state;
    struct index_key low = index_key_postings(1, 0xFF, 0xFFFFFFFF);
    struct index_key high = index_key_postings(1, 0x100, 0);
    struct index_key end = index_key_postings_end(1);
    assert_true(memcmp(low.bytes, high.bytes, low.length) < 0);
    assert_true(memcmp(high.bytes, end.bytes, end.length) < 0);
    uint64_t term;
    uint32_t unit;
    assert_true(index_key_read_postings(index_key_text(&low), &term, &unit));
    assert_true(term == 0xFF && unit == 0xFFFFFFFF);
    struct index_key forward = index_key_forward(1, 77);
    assert_true(index_key_read_unit(index_key_text(&forward), &unit));
    assert_int_equal(unit, 77);
    assert_false(index_key_read_postings(index_key_text(&forward), &term, &unit));
    assert_false(index_key_read_unit(index_key_text(&end), &unit));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(varints_keep_every_size),
        cmocka_unit_test(a_block_returns_its_postings),
        cmocka_unit_test(a_forward_record_finds_its_terms),
        cmocka_unit_test(a_document_record_returns_whole),
        cmocka_unit_test(progress_returns_whole),
        cmocka_unit_test(keys_sort_as_numbers_do),
    };
    return cmocka_run_group_tests_name("index records", tests, NULL, NULL);
}
