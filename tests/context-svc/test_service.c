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

static void
fill_save(Forge__SaveRequest *request, const char *content)
{
    forge__save_request__init(request);
    request->content = text_bytes(content);
}

static Forge__SaveReply *
save(struct desk *desk, const Forge__SaveRequest *request)
{
    return desk_ask(desk, &forge__context__descriptor, "Save", request);
}

static void
empty_fields_of_a_save_get_their_defaults(void **state)
{
    struct desk *desk = &((struct fixture *)*state)->desk;
    Forge__SaveRequest request;
    fill_save(&request, "\n\n## Why we *pin* the compiler\nBecause of a bug.");

    Forge__SaveReply *saved = save(desk, &request);

    assert_non_null(saved);
    Forge__Entry *entry = desk_get(desk, saved->id);
    assert_string_equal(entry->project, "default");
    assert_true(bytes_are(entry->title, "Why we *pin* the compiler"));
    assert_int_equal(entry->content_bytes, entry->content.len);
    assert_int_equal(entry->content_hash.len, 32);
}

static void
the_project_of_the_call_is_the_default_one(void **state)
{
    struct desk *desk = &((struct fixture *)*state)->desk;
    desk->project = TEXT("orion");

    Forge__SaveReply *saved = desk_save(desk, "", "Something of orion");

    assert_string_equal(desk_get(desk, saved->id)->project, "orion");
}

static void
the_same_text_in_the_same_place_is_unchanged(void **state)
{
    struct desk *desk = &((struct fixture *)*state)->desk;
    struct kept_id first = keep_id(desk_save(desk, "atlas", "One truth.")->id);

    Forge__SaveReply *again = desk_save(desk, "atlas", "One truth.");
    assert_int_equal(again->outcome, FORGE__SAVE_OUTCOME__UNCHANGED);
    assert_memory_equal(again->id.data, first.bytes, 16);
    assert_int_equal(again->version, 1);

    Forge__SaveReply *elsewhere = desk_save(desk, "orion", "One truth.");
    assert_int_equal(elsewhere->outcome, FORGE__SAVE_OUTCOME__CREATED);
    assert_int_equal(desk_count(desk)->entries, 2);
}

static void
new_tags_and_a_pin_are_merged_into_the_same_text(void **state)
{
    struct desk *desk = &((struct fixture *)*state)->desk;
    char *first_tags[] = {word("cache")};
    char *more_tags[] = {word("cache"), word("webhook")};
    Forge__SaveRequest request;
    fill_save(&request, "Merged text.");
    request.tags = first_tags;
    request.n_tags = 1;
    struct kept_id id = keep_id(save(desk, &request)->id);

    request.tags = more_tags;
    request.n_tags = 2;
    request.pinned = true;
    Forge__SaveReply *merged = save(desk, &request);

    assert_int_equal(merged->outcome, FORGE__SAVE_OUTCOME__MERGED);
    assert_int_equal(merged->version, 2);
    assert_memory_equal(merged->id.data, id.bytes, 16);
    Forge__Entry *entry = desk_get(desk, id_bytes(&id));
    assert_int_equal(entry->n_tags, 2);
    assert_string_equal(entry->tags[1], "webhook");
    assert_true(entry->pinned);
}

static void
a_private_text_is_its_authors_alone(void **state)
{
    struct desk *desk = &((struct fixture *)*state)->desk;
    Forge__SaveRequest request;
    fill_save(&request, "My secret plan about badgers");
    request.scope = FORGE__SCOPE__PRIVATE;
    request.project = word("atlas");
    struct kept_id id = keep_id(save(desk, &request)->id);
    assert_non_null(desk_get(desk, id_bytes(&id)));
    assert_int_equal(desk_search(desk, "badgers")->n_hits, 1);

    desk->principal.name = TEXT("boris");

    assert_null(desk_get(desk, id_bytes(&id)));
    assert_int_equal(desk_search(desk, "badgers")->n_hits, 0);
    Forge__ListRequest list = FORGE__LIST_REQUEST__INIT;
    Forge__ListReply *listed = desk_ask(desk, &forge__context__descriptor, "List", &list);
    assert_int_equal(listed->n_entries, 0);
    list.project = word("atlas");
    listed = desk_ask(desk, &forge__context__descriptor, "List", &list);
    assert_int_equal(listed->n_entries, 0);
    Forge__ProjectsRequest projects = FORGE__PROJECTS_REQUEST__INIT;
    Forge__ProjectsReply *there =
        desk_ask(desk, &forge__context__descriptor, "Projects", &projects);
    assert_int_equal(there->n_projects, 0);
    Forge__ChangesRequest changes = FORGE__CHANGES_REQUEST__INIT;
    Forge__ChangesReply *told = desk_ask(desk, &forge__context__descriptor, "Changes", &changes);
    assert_int_equal(told->n_changes, 0);
    Forge__UpdateRequest update = FORGE__UPDATE_REQUEST__INIT;
    update.id = id_bytes(&id);
    update.has_pinned_case = FORGE__UPDATE_REQUEST__HAS_PINNED_PINNED;
    update.pinned = true;
    assert_null(desk_ask(desk, &forge__context__descriptor, "Update", &update));
    assert_int_equal(desk->last.status, STATUS_NOT_FOUND);
}

static void
tenants_know_nothing_of_each_other(void **state)
{
    struct desk *desk = &((struct fixture *)*state)->desk;
    struct kept_id id = keep_id(desk_save(desk, "atlas", "Acme uses zebras")->id);

    desk->principal.tenant = TEXT("rival");

    assert_null(desk_get(desk, id_bytes(&id)));
    assert_int_equal(desk_search(desk, "zebras")->n_hits, 0);
    assert_int_equal(desk_count(desk)->entries, 0);
    desk_save(desk, "atlas", "Acme uses zebras");
    assert_int_equal(desk_count(desk)->entries, 1);
    desk->principal.roles = ROLE_PROGRAM;
    assert_int_equal(desk_count(desk)->entries, 2);
}

static void
expect_refusal(struct desk *desk, const Forge__SaveRequest *request, const char *word)
{
    assert_null(save(desk, request));
    assert_int_equal(desk->last.status, STATUS_INVALID_ARGUMENT);
    assert_int_equal(desk->last.outcome, OUTCOME_NOT_COMMITTED);
    assert_non_null(strstr(desk->last.detail, word));
}

static void
a_save_outside_of_the_limits_is_refused_with_words(void **state)
{
    struct desk *desk = &((struct fixture *)*state)->desk;
    static char large[256 * 1024 + 2];
    memset(large, 'a', sizeof large - 1);
    Forge__SaveRequest request;

    fill_save(&request, "  \t ");
    expect_refusal(desk, &request, "content is empty");
    fill_save(&request, large);
    expect_refusal(desk, &request, "content is 262145 bytes");
    fill_save(&request, "\xff\xfe");
    expect_refusal(desk, &request, "UTF-8");
    fill_save(&request, "text");
    request.content = (ProtobufCBinaryData){.data = (uint8_t *)large, .len = 3};
    large[1] = '\0';
    expect_refusal(desk, &request, "NUL");
    large[1] = 'a';
    fill_save(&request, "text");
    request.title = (ProtobufCBinaryData){.data = (uint8_t *)large, .len = 513};
    expect_refusal(desk, &request, "title");
    fill_save(&request, "text");
    request.scope = (Forge__Scope)7;
    expect_refusal(desk, &request, "scope");
    fill_save(&request, "text");
    request.expires_at_ms = 5;
    expect_refusal(desk, &request, "past");
    fill_save(&request, "text");
    request.kind = word("a\nb");
    expect_refusal(desk, &request, "kind");
    char *tags[33];
    for (size_t i = 0; i < 33; i++)
        tags[i] = word("tag");
    fill_save(&request, "text");
    request.tags = tags;
    request.n_tags = 33;
    expect_refusal(desk, &request, "33 tags");
    tags[0] = word("");
    request.n_tags = 1;
    expect_refusal(desk, &request, "empty");
    fill_save(&request, "text");
    request.supersedes = text_bytes("short");
    expect_refusal(desk, &request, "supersedes");
    assert_int_equal(desk_count(desk)->sequence, 0);
}

static void
the_largest_content_is_kept_whole(void **state)
{
    struct desk *desk = &((struct fixture *)*state)->desk;
    static char large[256 * 1024 + 1];
    for (size_t i = 0; i < sizeof large - 1; i++)
        large[i] = (char)(i % 7 == 6 ? ' ' : 'a' + i % 23);

    struct kept_id id = keep_id(desk_save(desk, "atlas", large)->id);

    assert_true(bytes_are(desk_get(desk, id_bytes(&id))->content, large));
    assert_int_equal(desk_get(desk, id_bytes(&id))->title.len, 120 + strlen("…"));
}

static void
a_superseded_entry_names_its_successor(void **state)
{
    struct desk *desk = &((struct fixture *)*state)->desk;
    struct kept_id old = keep_id(desk_save(desk, "atlas", "We use Python 3.9")->id);
    Forge__SaveRequest request;
    fill_save(&request, "We use Python 3.12");
    request.project = word("atlas");
    request.supersedes = id_bytes(&old);

    struct kept_id new = keep_id(save(desk, &request)->id);

    Forge__Entry *entry = desk_get(desk, id_bytes(&old));
    assert_memory_equal(entry->superseded_by.data, new.bytes, 16);
    assert_int_equal(entry->version, 1);
    entry = desk_get(desk, id_bytes(&new));
    assert_memory_equal(entry->supersedes.data, old.bytes, 16);
    struct kept_id nobody = {{1}};
    fill_save(&request, "We use Ruby");
    request.supersedes = id_bytes(&nobody);
    assert_null(save(desk, &request));
    assert_int_equal(desk->last.status, STATUS_NOT_FOUND);
}

static void
an_update_keeps_the_history(void **state)
{
    struct desk *desk = &((struct fixture *)*state)->desk;
    struct kept_id id = keep_id(desk_save(desk, "atlas", "The port is 8000, said ostriches")->id);
    Forge__UpdateRequest update = FORGE__UPDATE_REQUEST__INIT;
    update.id = id_bytes(&id);
    update.expected_version = 1;
    update.has_content_case = FORGE__UPDATE_REQUEST__HAS_CONTENT_CONTENT;
    update.content = text_bytes("The port is 8051");

    Forge__UpdateReply *updated = desk_ask(desk, &forge__context__descriptor, "Update", &update);

    assert_int_equal(updated->version, 2);
    assert_true(bytes_are(desk_get(desk, id_bytes(&id))->content, "The port is 8051"));
    assert_int_equal(desk_search(desk, "ostriches")->n_hits, 1); /* the title still says so */
    Forge__HistoryRequest request = FORGE__HISTORY_REQUEST__INIT;
    request.id = id_bytes(&id);
    Forge__HistoryReply *history = desk_ask(desk, &forge__context__descriptor, "History", &request);
    assert_int_equal(history->n_versions, 2);
    assert_int_equal(history->versions[0]->version, 2);
    assert_true(bytes_are(history->versions[1]->content, "The port is 8000, said ostriches"));
    assert_null(desk_ask(desk, &forge__context__descriptor, "Update", &update));
    assert_int_equal(desk->last.status, STATUS_ABORTED);
    assert_non_null(strstr(desk->last.detail, "version 2"));
}

static void
an_update_that_changes_nothing_makes_no_version(void **state)
{
    struct desk *desk = &((struct fixture *)*state)->desk;
    struct kept_id id = keep_id(desk_save(desk, "atlas", "Stays")->id);
    uint64_t sequence = desk_count(desk)->sequence;
    Forge__UpdateRequest update = FORGE__UPDATE_REQUEST__INIT;
    update.id = id_bytes(&id);
    update.has_content_case = FORGE__UPDATE_REQUEST__HAS_CONTENT_CONTENT;
    update.content = text_bytes("Stays");

    Forge__UpdateReply *updated = desk_ask(desk, &forge__context__descriptor, "Update", &update);

    assert_int_equal(updated->version, 1);
    assert_int_equal(desk_count(desk)->sequence, sequence);
}

static void
only_the_author_makes_an_entry_private(void **state)
{
    struct desk *desk = &((struct fixture *)*state)->desk;
    struct kept_id id = keep_id(desk_save(desk, "atlas", "Everybody's")->id);
    Forge__UpdateRequest update = FORGE__UPDATE_REQUEST__INIT;
    update.id = id_bytes(&id);
    update.has_scope_case = FORGE__UPDATE_REQUEST__HAS_SCOPE_SCOPE;
    update.scope = FORGE__SCOPE__PRIVATE;
    desk->principal.name = TEXT("boris");

    assert_null(desk_ask(desk, &forge__context__descriptor, "Update", &update));
    assert_int_equal(desk->last.status, STATUS_PERMISSION_DENIED);

    desk->principal.name = TEXT("anna");
    assert_non_null(desk_ask(desk, &forge__context__descriptor, "Update", &update));
    Forge__ProjectsRequest projects = FORGE__PROJECTS_REQUEST__INIT;
    Forge__ProjectsReply *own = desk_ask(desk, &forge__context__descriptor, "Projects", &projects);
    assert_int_equal(own->n_projects, 1);
    assert_int_equal(own->projects[0]->entries, 1);
    desk->principal.name = TEXT("boris");
    own = desk_ask(desk, &forge__context__descriptor, "Projects", &projects);
    assert_int_equal(own->n_projects, 0);
}

static void
an_expired_entry_is_gone_at_once_and_then_removed(void **state)
{
    struct desk *desk = &((struct fixture *)*state)->desk;
    Forge__SaveRequest request;
    fill_save(&request, "Meeting about walruses at noon");
    request.expires_at_ms = clock_wall_ms() + 400;
    struct kept_id id = keep_id(save(desk, &request)->id);
    assert_non_null(desk_get(desk, id_bytes(&id)));

    while (clock_wall_ms() <= request.expires_at_ms)
        desk_turn(desk, 10);

    assert_null(desk_get(desk, id_bytes(&id)));
    assert_int_equal(desk_search(desk, "walruses")->n_hits, 0);
    int64_t until_ms = clock_monotonic_ms() + 10000;
    while (desk_count(desk)->entries && clock_monotonic_ms() < until_ms)
        desk_turn(desk, 20);
    assert_int_equal(desk_count(desk)->entries, 0);
    assert_int_equal(desk_count(desk)->sequence, 2);
    /* The same text can be saved anew. */
    request.expires_at_ms = 0;
    assert_int_equal(save(desk, &request)->outcome, FORGE__SAVE_OUTCOME__CREATED);
}

static void
a_reader_may_not_write(void **state)
{
    struct desk *desk = &((struct fixture *)*state)->desk;
    desk->principal.roles = ROLE_READER;
    Forge__SaveRequest request;
    fill_save(&request, "text");

    assert_null(save(desk, &request));

    assert_int_equal(desk->last.status, STATUS_PERMISSION_DENIED);
    assert_int_equal(desk_search(desk, "text")->n_hits, 0);
}

static void
a_get_counts_its_uses(void **state)
{
    struct desk *desk = &((struct fixture *)*state)->desk;
    struct kept_id id = keep_id(desk_save(desk, "atlas", "Much read")->id);
    for (int i = 0; i < 3; i++)
        assert_non_null(desk_get(desk, id_bytes(&id)));

    /* A later commit takes the counts along. */
    int64_t until_ms = clock_monotonic_ms() + 10000;
    uint32_t uses = 0;
    for (int i = 0; uses < 3 && clock_monotonic_ms() < until_ms; i++) {
        char text[32];
        snprintf(text, sizeof text, "filler %d", i);
        desk_turn(desk, 50);
        desk_save(desk, "atlas", text);
        Forge__ListRequest list = FORGE__LIST_REQUEST__INIT;
        list.limit = 200;
        Forge__ListReply *listed = desk_ask(desk, &forge__context__descriptor, "List", &list);
        Forge__Entry *oldest = listed->entries[listed->n_entries - 1];
        assert_memory_equal(oldest->id.data, id.bytes, 16);
        uses = oldest->use_count;
    }

    assert_int_equal(uses, 3);
    assert_int_equal(desk_get(desk, id_bytes(&id))->use_count, 3);
    assert_true(desk_get(desk, id_bytes(&id))->last_used_at_ms > 0);
}

static void
every_proof_of_health_is_good(void **state)
{
    struct desk *desk = &((struct fixture *)*state)->desk;
    desk->principal.roles = ROLE_PROGRAM;
    Forge__ProveRequest request = FORGE__PROVE_REQUEST__INIT;

    for (int round = 0; round < 2; round++) {
        Forge__ProveReply *reply = desk_ask(desk, &forge__health__descriptor, "Prove", &request);

        assert_int_equal(reply->n_proofs, 3);
        for (size_t i = 0; i < reply->n_proofs; i++)
            if (!reply->proofs[i]->good)
                fail_msg("%s: %s", reply->proofs[i]->name, reply->proofs[i]->reason);
    }
    assert_int_equal(desk_count(desk)->entries, 0);
    assert_int_equal(desk_count(desk)->sequence, 0);
}

int
main(void)
{
#define SERVICE_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        SERVICE_TEST(what_was_saved_is_got_and_found_at_once),
        SERVICE_TEST(empty_fields_of_a_save_get_their_defaults),
        SERVICE_TEST(the_project_of_the_call_is_the_default_one),
        SERVICE_TEST(the_same_text_in_the_same_place_is_unchanged),
        SERVICE_TEST(new_tags_and_a_pin_are_merged_into_the_same_text),
        SERVICE_TEST(a_private_text_is_its_authors_alone),
        SERVICE_TEST(tenants_know_nothing_of_each_other),
        SERVICE_TEST(a_save_outside_of_the_limits_is_refused_with_words),
        SERVICE_TEST(the_largest_content_is_kept_whole),
        SERVICE_TEST(a_superseded_entry_names_its_successor),
        SERVICE_TEST(an_update_keeps_the_history),
        SERVICE_TEST(an_update_that_changes_nothing_makes_no_version),
        SERVICE_TEST(only_the_author_makes_an_entry_private),
        SERVICE_TEST(an_expired_entry_is_gone_at_once_and_then_removed),
        SERVICE_TEST(a_reader_may_not_write),
        SERVICE_TEST(a_get_counts_its_uses),
        SERVICE_TEST(every_proof_of_health_is_good),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
