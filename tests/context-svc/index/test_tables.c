/* The tables in RAM: rows and chunks, ids, names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "context-svc/index/identity.h"
#include "context-svc/index/rows.h"
#include "context-svc/index/strings.h"
#include "context-svc/index/table.h"

static void
append_numbers(struct index_table *table, uint32_t to)
{
    while (table->count < to) {
        uint32_t number = table->count;
        uint32_t *row = index_table_append(table);
        assert_int_equal(*row, 0);
        *row = number + 1;
        index_table_enliven(table, number);
    }
}

static void
rows_stay_where_they_are(void **state)
{
    (void)state;
    struct index_table table;
    index_table_init(&table, sizeof(uint32_t));
    append_numbers(&table, 700);
    struct index_directory *early = index_table_share(&table);
    append_numbers(&table, 5000);
    struct index_directory *late = index_table_share(&table);

    assert_ptr_equal(index_directory_at(early, 4, 699), index_directory_at(late, 4, 699));
    for (uint32_t i = 0; i < 5000; i++)
        assert_int_equal(*(const uint32_t *)index_directory_at(late, 4, i), i + 1);

    index_table_release(&table);
    assert_int_equal(*(const uint32_t *)index_directory_at(early, 4, 699), 700);
    index_directory_unref(&early);
    index_directory_unref(&late);
    assert_null(late);
}

static void
truncated_rows_are_written_again(void **state)
{
    (void)state;
    struct index_table table;
    index_table_init(&table, sizeof(uint32_t));
    append_numbers(&table, 100);
    struct index_directory *directory = index_table_share(&table);
    append_numbers(&table, 1500);
    for (uint32_t i = 100; i < 1500; i++)
        index_table_retire(&table, i);
    index_table_truncate(&table, 100);
    append_numbers(&table, 600);

    assert_int_equal(*(uint32_t *)index_table_at(&table, 99), 100);
    assert_int_equal(*(uint32_t *)index_table_at(&table, 599), 600);
    index_directory_unref(&directory);
    index_table_release(&table);
}

static void
a_chunk_keeps_rows_that_do_not_count_yet(void **state)
{
    (void)state;
    struct index_table table;
    index_table_init(&table, sizeof(uint32_t));
    append_numbers(&table, 100);
    for (uint32_t i = 0; i < 100; i++)
        index_table_retire(&table, i);
    struct index_directory *directory = index_table_share(&table);
    for (uint32_t i = 100; i < 600; i++)
        *(uint32_t *)index_table_append(&table) = i + 1; /* staged, not enlivened */

    assert_int_equal(*(uint32_t *)index_table_at(&table, 511), 512);
    assert_int_equal(*(uint32_t *)index_table_at(&table, 599), 600);
    index_directory_unref(&directory);
    index_table_release(&table);
}

static void
a_chunk_without_live_rows_goes_with_its_last_reader(void **state)
{
    (void)state;
    struct index_table table;
    index_table_init(&table, sizeof(uint32_t));
    append_numbers(&table, 3 * INDEX_CHUNK_ROWS);
    struct index_directory *early = index_table_share(&table);
    for (uint32_t i = 0; i < 2 * INDEX_CHUNK_ROWS; i++)
        if (i != 3)
            index_table_retire(&table, i);
    append_numbers(&table, 3 * INDEX_CHUNK_ROWS + 1);
    struct index_directory *late = index_table_share(&table);

    assert_non_null(index_directory_at(late, 4, 3));
    assert_null(index_directory_at(late, 4, INDEX_CHUNK_ROWS));
    assert_null(index_table_at(&table, INDEX_CHUNK_ROWS));
    assert_int_equal(*(const uint32_t *)index_directory_at(early, 4, INDEX_CHUNK_ROWS), 513);
    index_directory_unref(&early);
    index_directory_unref(&late);
    index_table_release(&table);
}

static void
loading_leaves_holes(void **state)
{
    (void)state;
    struct index_table table;
    index_table_init(&table, sizeof(uint32_t));
    *(uint32_t *)index_table_place(&table, 5) = 6;
    *(uint32_t *)index_table_place(&table, 2000) = 2001;
    index_table_settle(&table, 4096);

    assert_int_equal(table.count, 4096);
    assert_int_equal(*(uint32_t *)index_table_at(&table, 4), 0);
    assert_int_equal(*(uint32_t *)index_table_at(&table, 5), 6);
    assert_null(index_table_at(&table, 600));
    assert_int_equal(*(uint32_t *)index_table_at(&table, 2000), 2001);
    assert_null(index_table_at(&table, 4095));

    struct index_directory *directory = index_table_share(&table);
    *(uint32_t *)index_table_append(&table) = 4097;
    assert_null(index_directory_at(directory, 4, 4095));
    assert_int_equal(*(uint32_t *)index_table_at(&table, 4096), 4097);
    index_directory_unref(&directory);
    index_table_release(&table);
}

/* Ids of which only four bytes differ, anywhere. */
static void
come_and_go(size_t place)
{
    enum { ROWS = 3000 };
    struct index_table rows;
    struct index_identity identity;
    index_table_init(&rows, sizeof(struct index_document_row));
    index_identity_init(&identity, &rows);
    bool there[ROWS] = {false};
    uint64_t random = 99;
    for (uint32_t i = 0; i < ROWS; i++) {
        struct index_document_row *row = index_table_append(&rows);
        memcpy(row->id.bytes + place, &i, sizeof i);
    }
    for (int i = 0; i < 10000; i++) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        uint32_t at = (uint32_t)(random >> 30) % ROWS;
        const struct index_document_row *row = index_table_at(&rows, at);
        assert_int_equal(
            index_identity_find(&identity, &row->id), there[at] ? at : index_identity_none);
        if (there[at])
            index_identity_remove(&identity, at);
        else
            index_identity_add(&identity, at);
        there[at] = !there[at];
    }
    index_identity_release(&identity);
    index_table_release(&rows);
}

static void
ids_are_found_whatever_came_and_went(void **state)
{
    (void)state;
    for (size_t place = 0; place + sizeof(uint32_t) <= UUID_SIZE; place += 3)
        come_and_go(place);
}

static void
an_id_is_removed_only_with_its_own_row(void **state)
{
    (void)state;
    struct index_table rows;
    struct index_identity identity;
    index_table_init(&rows, sizeof(struct index_document_row));
    index_identity_init(&identity, &rows);
    index_table_append(&rows);
    const struct index_document_row *same = index_table_append(&rows);
    index_identity_add(&identity, 1);

    index_identity_remove(&identity, 0); /* the same id, an older row */
    assert_int_equal(index_identity_find(&identity, &same->id), 1);
    index_identity_remove(&identity, 1);
    assert_int_equal(index_identity_find(&identity, &same->id), index_identity_none);
    index_identity_release(&identity);
    index_table_release(&rows);
}

static void
names_are_numbered_once(void **state)
{
    (void)state;
    struct index_strings *strings = index_strings_create();
    assert_int_equal(index_strings_intern(strings, TEXT("")), 0);
    uint32_t first = index_strings_intern(strings, TEXT("first"));
    assert_int_equal(index_strings_intern(strings, TEXT("first")), first);
    struct index_names early = index_strings_share(strings);
    for (int i = 0; i < 3000; i++) {
        char name[24];
        snprintf(name, sizeof name, "name %d", i);
        uint32_t number = index_strings_intern(strings, text_of(name));
        assert_int_equal(number, first + 1 + (uint32_t)i);
    }
    struct index_names late = index_strings_share(strings);
    index_strings_destroy(&strings);

    assert_int_equal(index_names_find(&early, TEXT("first")), first);
    assert_int_equal(index_names_find(&early, TEXT("name 0")), index_string_none);
    assert_int_equal(index_names_find(&late, TEXT("name 2999")), first + 3000);
    assert_int_equal(index_names_find(&late, TEXT("")), 0);
    assert_int_equal(index_names_find(&late, TEXT("name")), index_string_none);
    index_names_release(&early);
    index_names_release(&late);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_stay_where_they_are),
        cmocka_unit_test(truncated_rows_are_written_again),
        cmocka_unit_test(a_chunk_keeps_rows_that_do_not_count_yet),
        cmocka_unit_test(a_chunk_without_live_rows_goes_with_its_last_reader),
        cmocka_unit_test(loading_leaves_holes),
        cmocka_unit_test(ids_are_found_whatever_came_and_went),
        cmocka_unit_test(an_id_is_removed_only_with_its_own_row),
        cmocka_unit_test(names_are_numbered_once),
    };
    return cmocka_run_group_tests_name("index tables", tests, NULL, NULL);
}
