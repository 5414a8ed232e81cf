#include <string.h>

#include "tests/context-svc/index/fixture.h"

enum { PRIVATE = 1, PROJECT = 2, TEAM = 3 };

static void
put(struct fixture *self, struct index_document document)
{
    index_add(self->index, self->batch, &document);
}

/* 1: p, note, ann; 2: q, decision, ben; 3: p, error, ben, private; 4: q, note, ann, pinned */
static int
set_up(void **state)
{
    fixture_set_up(state);
    struct fixture *self = *state;
    const struct text tags[] = {TEXT("disk"), TEXT("urgent")};
    struct index_document document = document_of(1, "word");
    document.tags = tags;
    document.tag_count = 2;
    document.branch = TEXT("main");
    put(self, document);
    document = document_of(2, "word");
    document.project = TEXT("q");
    document.kind = TEXT("decision");
    document.author = TEXT("ben");
    document.scope = TEAM;
    document.tags = tags;
    document.tag_count = 1;
    put(self, document);
    document = document_of(3, "word");
    document.kind = TEXT("error");
    document.author = TEXT("ben");
    document.scope = PRIVATE;
    document.session = TEXT("s1");
    put(self, document);
    document = document_of(4, "word");
    document.project = TEXT("q");
    document.pinned = true;
    document.expires_at_ms = 5000;
    put(self, document);
    fixture_commit(self);
    return 0;
}

static void
private_entries_are_their_authors(void **state)
{
    struct fixture *self = *state;
    struct index_query query = query_of("word");
    assert_query_finds(self, &query, "4 2 1");
    query.principal = TEXT("ann");
    assert_query_finds(self, &query, "4 2 1");
    query.principal = TEXT("nobody");
    assert_query_finds(self, &query, "4 2 1");
    assert_int_equal(self->result.total, 3);
    query.principal = TEXT("ben");
    assert_query_finds(self, &query, "4 3 2 1");
    query.scope = PRIVATE;
    assert_query_finds(self, &query, "3");
    query.principal = TEXT("ann");
    assert_query_finds(self, &query, "");
    assert_int_equal(self->result.total, 0);
}

static void
an_entry_without_author_is_nobodys(void **state)
{
    struct fixture *self = *state;
    struct index_document document = document_of(9, "orphan");
    document.author = (struct text){0};
    document.scope = PRIVATE;
    put(self, document);
    fixture_commit(self);
    assert_finds(self, "orphan", "");
}

static void
each_filter_narrows(void **state)
{
    struct fixture *self = *state;
    struct index_query all = query_of("word");
    all.principal = TEXT("ben");
    struct index_query query = all;
    query.project = TEXT("p");
    assert_query_finds(self, &query, "3 1");
    query = all;
    query.author = TEXT("ann");
    assert_query_finds(self, &query, "4 1");
    query = all;
    query.branch = TEXT("main");
    assert_query_finds(self, &query, "1");
    query = all;
    query.session = TEXT("s1");
    assert_query_finds(self, &query, "3");
    query = all;
    query.pinned = true;
    assert_query_finds(self, &query, "4");
    query = all;
    query.scope = TEAM;
    assert_query_finds(self, &query, "2");
    query = all;
    query.since_ms = 1002;
    query.until_ms = 1004;
    assert_query_finds(self, &query, "3 2");
    query = all;
    query.project = TEXT("never heard of");
    assert_query_finds(self, &query, "");
}

static void
lists_are_any_kind_and_all_tags(void **state)
{
    struct fixture *self = *state;
    const struct text kinds[] = {TEXT("decision"), TEXT("unknown"), TEXT("error")};
    const struct text tags[] = {TEXT("disk"), TEXT("urgent"), TEXT("unknown")};
    struct index_query query = query_of("word");
    query.principal = TEXT("ben");
    query.kinds = kinds;
    query.kind_count = 3;
    assert_query_finds(self, &query, "3 2");
    query.kinds = kinds + 1;
    query.kind_count = 1;
    assert_query_finds(self, &query, "");
    query.kind_count = 0;
    query.tags = tags;
    query.tag_count = 1;
    assert_query_finds(self, &query, "2 1");
    query.tag_count = 2;
    assert_query_finds(self, &query, "1");
    query.tag_count = 3;
    assert_query_finds(self, &query, "");
}

static void
only_the_askers_projects_are_seen(void **state)
{
    struct fixture *self = *state;
    const struct text projects[] = {TEXT("q"), TEXT("other")};
    struct index_query query = query_of("word");
    query.principal = TEXT("ben");
    query.projects = projects;
    query.project_count = 2;
    assert_query_finds(self, &query, "4 2");
    query.project = TEXT("p");
    assert_query_finds(self, &query, "");
    query.project = (struct text){0};
    query.projects = projects + 1;
    query.project_count = 1;
    assert_query_finds(self, &query, "");
    assert_int_equal(self->result.total, 0);
}

static void
what_expired_is_hidden(void **state)
{
    struct fixture *self = *state;
    struct index_query query = query_of("word");
    query.now_ms = 4999;
    assert_query_finds(self, &query, "4 2 1");
    query.now_ms = 5000;
    assert_query_finds(self, &query, "2 1");
}

static void
pins_and_age_reorder_only_what_is_equal(void **state)
{
    struct fixture *self = *state;
    struct index_document document = document_of(11, "quill");
    document.pinned = true;
    put(self, document);
    put(self, document_of(12, "quill"));
    document = document_of(13, "quill");
    document.superseded = true;
    document.created_at_ms = 99999;
    put(self, document);
    put(self, document_of(14, "quill quill quill"));
    fixture_commit(self);
    assert_finds(self, "quill", "14 11 12 13");

    document = document_of(12, "quill");
    document.pinned = true;
    document.updated_at_ms = (int64_t)365 * 86400 * 1000;
    put(self, document);
    fixture_commit(self);
    struct index_query query = query_of("quill");
    query.now_ms = document.updated_at_ms + 1;
    assert_query_finds(self, &query, "14 12 11 13");
}

static void
the_newest_are_listed_without_a_query(void **state)
{
    struct fixture *self = *state;
    struct index_query query = {.limit = 2};
    index_recent(self->reader, self->view, &query, &self->result);
    assert_int_equal(self->result.total, 3);
    assert_int_equal(self->result.hit_count, 2);
    assert_int_equal(number_of(&self->result.hits[0].id), 4);
    assert_int_equal(number_of(&self->result.hits[1].id), 2);

    query.offset = 2;
    index_recent(self->reader, self->view, &query, &self->result);
    assert_int_equal(self->result.hit_count, 1);
    assert_int_equal(number_of(&self->result.hits[0].id), 1);

    query = (struct index_query){.limit = 9, .principal = TEXT("ben"), .project = TEXT("p")};
    index_recent(self->reader, self->view, &query, &self->result);
    assert_int_equal(self->result.total, 2);
    assert_int_equal(number_of(&self->result.hits[0].id), 3);

    query.project = TEXT("unheard");
    index_recent(self->reader, self->view, &query, &self->result);
    assert_int_equal(self->result.total, 0);
}

static void
filters_hold_for_documents_of_many_units(void **state)
{
    struct fixture *self = *state;
    char content[6000] = "";
    for (size_t i = 0; i + 8 < sizeof content; i += 7)
        memcpy(content + i, "filler ", 8);
    const struct text anchor = TEXT("anchor ");
    memcpy(content + 4200, anchor.data, anchor.length);
    struct index_document document = document_of(21, content);
    document.scope = PRIVATE;
    put(self, document);
    document = document_of(22, content);
    document.project = TEXT("q");
    put(self, document);
    fixture_commit(self);

    struct index_query query = query_of("anchor");
    assert_query_finds(self, &query, "22");
    assert_true(self->result.hits[0].content_from <= 4200);
    assert_true(self->result.hits[0].content_from > 2000);
    query.principal = TEXT("ann");
    assert_query_finds(self, &query, "22 21");
    query.project = TEXT("p");
    assert_query_finds(self, &query, "21");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, fixture_tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(private_entries_are_their_authors),
        TEST(an_entry_without_author_is_nobodys),
        TEST(each_filter_narrows),
        TEST(lists_are_any_kind_and_all_tags),
        TEST(only_the_askers_projects_are_seen),
        TEST(what_expired_is_hidden),
        TEST(pins_and_age_reorder_only_what_is_equal),
        TEST(the_newest_are_listed_without_a_query),
        TEST(filters_hold_for_documents_of_many_units),
    };
    return cmocka_run_group_tests_name("index filters", tests, NULL, NULL);
}
