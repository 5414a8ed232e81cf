/* The pure parts: keys, records, the stage, checks, entries, relevance, usage. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "context-svc/check.h"
#include "context-svc/entry.h"
#include "context-svc/record.h"
#include "context-svc/relevance.h"
#include "context-svc/stage.h"
#include "context-svc/usage.h"

static struct uuid
make_id(uint8_t first)
{
    struct uuid id = {{first, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, first}};
    return id;
}

static void
keys_of_a_project_sort_by_age(void **state)
{
    (void)state;
    struct uuid first = make_id(9);
    struct uuid second = make_id(1);
    struct context_key old = context_key_project(7, TEXT("atlas"), 1000, &first);
    struct context_key young = context_key_project(7, TEXT("atlas"), 300000, &second);
    struct context_key prefix = context_key_table_project('p', 7, TEXT("atlas"));
    struct context_key end = context_key_end(&prefix);

    assert_true(memcmp(old.bytes, young.bytes, young.length) < 0);
    assert_true(memcmp(prefix.bytes, old.bytes, prefix.length) == 0);
    assert_true(memcmp(end.bytes, young.bytes, end.length) > 0);
    assert_memory_equal(context_key_id(context_key_text(&young)).bytes, second.bytes, UUID_SIZE);
    assert_int_equal(context_key_number(context_key_text(&young), 8 + UUID_SIZE), 300000);
}

static void
the_end_of_a_prefix_carries_over_full_bytes(void **state)
{
    (void)state;
    struct context_key prefix = context_key_table('c', 0x00FFFFFF);

    struct context_key end = context_key_end(&prefix);

    assert_int_equal(end.length, 2);
    assert_int_equal((uint8_t)end.bytes[1], 1);
}

static void
fill_entry(Forge__Entry *entry, uint8_t *id)
{
    forge__entry__init(entry);
    memset(id, 7, UUID_SIZE);
    entry->id = (ProtobufCBinaryData){.data = id, .len = UUID_SIZE};
    entry->project = (char *)"atlas";
    entry->kind = (char *)"note";
    entry->author = (char *)"anna";
    entry->title = bytes_of_text(TEXT("A title"));
    entry->content = bytes_of_text(TEXT("Some content"));
    entry->content_bytes = 12;
    entry->scope = FORGE__SCOPE__PRIVATE;
    entry->expires_at_ms = 5000;
    entry->use_count = 3;
    entry->last_used_at_ms = 4000;
}

static void
a_record_gives_back_its_entry(void **state)
{
    (void)state;
    uint8_t id[UUID_SIZE];
    Forge__Entry entry;
    fill_entry(&entry, id);
    CLEANUP(buffer_release) struct buffer value = {0};
    CLEANUP(arena_release) struct arena arena;
    arena_init(&arena, 65536);

    context_record_build(&value, &entry, RECORD_WORK_SESSION);

    uint8_t flags = 0;
    Forge__Entry *read = context_record_unpack(buffer_text(&value), &arena, &flags);
    assert_non_null(read);
    assert_int_equal(flags, RECORD_WORK_SESSION);
    assert_int_equal(read->use_count, 3);
    assert_int_equal(read->last_used_at_ms, 4000);
    assert_int_equal(read->content.len, 12);
    struct text content;
    Forge__Entry *card = context_record_unpack_card(buffer_text(&value), &arena, &content);
    assert_int_equal(card->content.len, 0);
    assert_int_equal(card->content_bytes, 12);
    assert_int_equal(card->scope, FORGE__SCOPE__PRIVATE);
    assert_int_equal(card->expires_at_ms, 5000);
    assert_true(text_is(content, "Some content"));
}

static void
a_cut_record_is_damage(void **state)
{
    (void)state;
    uint8_t id[UUID_SIZE];
    Forge__Entry entry;
    fill_entry(&entry, id);
    CLEANUP(buffer_release) struct buffer value = {0};
    CLEANUP(arena_release) struct arena arena;
    arena_init(&arena, 1 << 20);
    context_record_build(&value, &entry, 0);

    for (size_t length = 0; length < value.length; length++) {
        struct text content;
        struct text cut = text_from(value.data, length);
        Forge__Entry *read = context_record_unpack(cut, &arena, NULL);
        Forge__Entry *card = context_record_unpack_card(cut, &arena, &content);
        /* Cut between two fields it is a shorter entry; it never is read beyond its end. */
        if (length < 28)
            assert_true(!read && !card);
    }
}

static void
uses_are_counted_in_the_head_alone(void **state)
{
    (void)state;
    uint8_t id[UUID_SIZE];
    Forge__Entry entry;
    fill_entry(&entry, id);
    CLEANUP(buffer_release) struct buffer value = {0};
    CLEANUP(buffer_release) struct buffer counted = {0};
    context_record_build(&value, &entry, 0);

    assert_true(context_record_count_use(buffer_text(&value), 4, 9000, &counted));

    struct context_record_head head;
    struct text packed;
    assert_true(context_record_parse(buffer_text(&counted), &head, &packed));
    assert_int_equal(head.use_count, 7);
    assert_int_equal(head.last_used_at_ms, 9000);
    assert_int_equal(counted.length, value.length);
}

static void
an_appended_entry_is_one_of_the_reply(void **state)
{
    (void)state;
    uint8_t id[UUID_SIZE];
    Forge__Entry entry;
    fill_entry(&entry, id);
    CLEANUP(buffer_release) struct buffer value = {0};
    CLEANUP(buffer_release) struct buffer reply = {0};
    context_record_build(&value, &entry, 0);
    struct context_record_head head;
    struct text packed;
    assert_true(context_record_parse(buffer_text(&value), &head, &packed));

    context_record_append(&reply, 1, &head, packed);
    context_record_append(&reply, 1, &head, packed);

    Forge__GetReply *read =
        forge__get_reply__unpack(NULL, reply.length, (const uint8_t *)reply.data);
    assert_non_null(read);
    assert_int_equal(read->n_entries, 2);
    assert_int_equal(read->entries[1]->use_count, 3);
    assert_int_equal(read->entries[1]->last_used_at_ms, 4000);
    assert_int_equal(read->entries[1]->content.len, 12);
    forge__get_reply__free_unpacked(read, NULL);
}

static void
private_and_expired_entries_are_not_seen(void **state)
{
    (void)state;
    struct context_record_head head = {
        .scope = FORGE__SCOPE__PRIVATE, .author = TEXT("anna"), .expires_at_ms = 100};

    assert_true(context_record_is_visible(&head, TEXT("anna"), 99));
    assert_false(context_record_is_visible(&head, TEXT("anna"), 100));
    assert_false(context_record_is_visible(&head, TEXT("ann"), 99));
    head.scope = FORGE__SCOPE__TEAM;
    assert_true(context_record_is_visible(&head, TEXT("boris"), 99));
}

static void
a_stage_is_read_before_the_snapshot(void **state)
{
    (void)state;
    struct store *store = NULL;
    struct problem problem = {{0}};
    const struct store_options options = {.engine = STORE_MEMORY, .format = 1};
    assert_int_equal(store_open(&options, &store, &problem), STATUS_OK);
    struct context_stage *stage = context_stage_create(store);
    struct context_key kept = context_key_tenant(TEXT("kept"));
    struct context_key gone = context_key_tenant(TEXT("gone"));
    context_stage_put(stage, &kept, TEXT("old"));
    context_stage_put(stage, &gone, TEXT("old"));
    assert_int_equal(store_commit(store, context_stage_batch(stage), 1, &problem), STATUS_OK);
    context_stage_clear(stage);
    struct store_snapshot *snapshot = store_snapshot_create(store);
    struct context_source source = {.snapshot = snapshot, .stage = stage};

    context_stage_put(stage, &kept, TEXT("new"));
    context_stage_delete(stage, &gone);
    for (int i = 0; i < 3000; i++) { /* the table grows on the way */
        char name[16];
        snprintf(name, sizeof name, "n%d", i);
        struct context_key key = context_key_tenant(text_of(name));
        context_stage_put(stage, &key, text_of(name));
    }

    struct store_value value = {0};
    assert_int_equal(context_source_get(source, &kept, &value), STATUS_OK);
    assert_true(text_is(value.bytes, "new"));
    assert_int_equal(context_source_get(source, &gone, &value), STATUS_NOT_FOUND);
    context_stage_clear(stage);
    assert_int_equal(context_source_get(source, &gone, &value), STATUS_OK);
    assert_true(text_is(value.bytes, "old"));
    store_value_release(&value);
    store_snapshot_destroy(&snapshot);
    context_stage_destroy(&stage);
    store_close(&store);
}

static void
titles_are_made_of_the_first_line_that_says_something(void **state)
{
    (void)state;
    CLEANUP(arena_release) struct arena arena;
    arena_init(&arena, 65536);
    const struct {
        const char *content;
        const char *title;
    } cases[] = {
        {"Plain", "Plain"},
        {"\n\n# Heading\nmore", "Heading"},
        {"---\n> quoted \r\nmore", "quoted"},
        {"***", "Untitled"},
        {"tab\tin it", "tab"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct text title = context_entry_derive_title(text_of(cases[i].content), &arena);
        assert_true(text_is(title, cases[i].title));
    }
    char content[400];
    memset(content, 'a', sizeof content);
    const struct text two_letters = TEXT("ää");
    memcpy(content + 118, two_letters.data, two_letters.length);
    struct text title = context_entry_derive_title(text_from(content, sizeof content), &arena);
    assert_int_equal(title.length, 120 + strlen("…"));
    assert_true(text_is_utf8(title));
}

static void
a_hash_tells_kind_title_and_content_apart(void **state)
{
    (void)state;
    uint8_t id[UUID_SIZE];
    Forge__Entry entry;
    fill_entry(&entry, id);
    uint8_t first[ENTRY_HASH_SIZE];
    uint8_t second[ENTRY_HASH_SIZE];
    context_entry_content_hash(&entry, first);

    entry.title = bytes_of_text(TEXT("A titleSome"));
    entry.content = bytes_of_text(TEXT(" content"));
    context_entry_content_hash(&entry, second);

    assert_memory_not_equal(first, second, ENTRY_HASH_SIZE);
}

static void
relevance_is_the_mean_reciprocal_rank(void **state)
{
    (void)state;
    struct context_relevance *relevance = context_relevance_create();
    uint64_t searches;
    assert_true(isnan(context_relevance_score(relevance, 0, &searches)));
    struct note_searched searched = {.kind = NOTE_SEARCHED, .count = 5};
    /* Ten searches, of which three are used, at ranks 1, 2 and 5. */
    for (uint8_t i = 0; i < 10; i++) {
        searched.principal = i;
        for (uint8_t rank = 0; rank < 5; rank++)
            searched.ids[rank] = make_id((uint8_t)(rank + 1));
        context_relevance_add_search(relevance, &searched, 1000 + i);
    }
    struct uuid first = make_id(1);
    struct uuid second = make_id(2);
    struct uuid fifth = make_id(5);
    context_relevance_add_use(relevance, 0, &first, 2000);
    context_relevance_add_use(relevance, 1, &second, 2000);
    context_relevance_add_use(relevance, 1, &first, 2001); /* not the first any more */
    context_relevance_add_use(relevance, 2, &fifth, 2000);
    context_relevance_add_use(relevance, 3, &first, 1000 + 11 * 60 * 1000); /* too late */

    double score = context_relevance_score(relevance, 3000, &searches);

    assert_int_equal(searches, 10);
    assert_float_equal((float)score, 0.17F, 0.0001F);
    assert_true(isnan(context_relevance_score(relevance, 25LL * 3600 * 1000, &searches)));
    context_relevance_destroy(&relevance);
}

static void
relevance_stays_fair_when_many_search(void **state)
{
    (void)state;
    struct context_relevance *relevance = context_relevance_create();
    struct note_searched searched = {.kind = NOTE_SEARCHED, .count = 1, .principal = 1};
    uint64_t searches;
    for (uint32_t i = 0; i < 5000; i++) {
        struct uuid id = make_id(0);
        memcpy(id.bytes, &i, sizeof i);
        searched.ids[0] = id;
        context_relevance_add_search(relevance, &searched, 1000);
        context_relevance_add_use(relevance, 1, &id, 1001);
    }
    assert_float_equal((float)context_relevance_score(relevance, 2000, &searches), 1.0F, 0.0001F);
    assert_true(searches > 0);
    context_relevance_destroy(&relevance);
}

static void
uses_are_bundled_by_entry(void **state)
{
    (void)state;
    struct context_usage *usage = context_usage_create();
    struct uuid first = make_id(1);
    struct uuid second = make_id(2);
    context_usage_count(usage, 1, &first, 10);
    context_usage_count(usage, 1, &second, 11);
    context_usage_count(usage, 1, &first, 12);
    context_usage_count(usage, 2, &first, 13);

    struct text note = context_usage_note(usage);

    struct note_uses uses;
    memcpy(&uses, note.data, note.length);
    assert_int_equal(uses.count, 3);
    assert_int_equal(uses.items[0].count, 2);
    assert_int_equal(uses.items[0].last_ms, 12);
    assert_int_equal(uses.items[2].tenant, 2);
    context_usage_clear(usage);
    assert_int_equal(context_usage_entries(usage), 0);
    for (uint32_t i = 0; i < 2 * NOTE_USES_MAX; i++) {
        memcpy(first.bytes, &i, sizeof i);
        context_usage_count(usage, 1, &first, 10);
    }
    assert_int_equal(context_usage_entries(usage), NOTE_USES_MAX);
    context_usage_destroy(&usage);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_of_a_project_sort_by_age),
        cmocka_unit_test(the_end_of_a_prefix_carries_over_full_bytes),
        cmocka_unit_test(a_record_gives_back_its_entry),
        cmocka_unit_test(a_cut_record_is_damage),
        cmocka_unit_test(uses_are_counted_in_the_head_alone),
        cmocka_unit_test(an_appended_entry_is_one_of_the_reply),
        cmocka_unit_test(private_and_expired_entries_are_not_seen),
        cmocka_unit_test(a_stage_is_read_before_the_snapshot),
        cmocka_unit_test(titles_are_made_of_the_first_line_that_says_something),
        cmocka_unit_test(a_hash_tells_kind_title_and_content_apart),
        cmocka_unit_test(relevance_is_the_mean_reciprocal_rank),
        cmocka_unit_test(relevance_stays_fair_when_many_search),
        cmocka_unit_test(uses_are_bundled_by_entry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
