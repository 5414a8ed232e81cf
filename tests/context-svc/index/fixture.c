#include "tests/context-svc/index/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/buffer.h"
#include "common/base/memory.h"

static void
take_snapshot(struct fixture *self)
{
    store_snapshot_destroy(&self->snapshot);
    self->snapshot = store_snapshot_create(self->store);
    assert_non_null(self->snapshot);
}

struct fixture *
fixture_create(void)
{
    struct fixture *self = memory_new(sizeof *self);
    const struct store_options options = {.engine = STORE_MEMORY, .format = 1};
    assert_int_equal(store_open(&options, &self->store, NULL), STATUS_OK);
    self->batch = store_batch_create(self->store);
    self->reader = index_reader_create();
    struct problem problem = {0};
    assert_int_equal(fixture_try_reopen(self, &problem), STATUS_OK);
    return self;
}

void
fixture_destroy(struct fixture **self_p)
{
    struct fixture *self = *self_p;
    *self_p = NULL;
    index_view_unref(&self->view);
    index_close(&self->index);
    index_reader_destroy(&self->reader);
    store_snapshot_destroy(&self->snapshot);
    store_batch_destroy(&self->batch);
    store_close(&self->store);
    free(self);
}

int
fixture_set_up(void **state)
{
    *state = fixture_create();
    return 0;
}

int
fixture_tear_down(void **state)
{
    struct fixture *self = *state;
    fixture_destroy(&self);
    return 0;
}

void
fixture_commit(struct fixture *self)
{
    assert_int_equal(store_commit(self->store, self->batch, 1, NULL), STATUS_OK);
    store_batch_clear(self->batch);
    index_view_unref(&self->view);
    self->view = index_publish(self->index);
    take_snapshot(self);
}

void
fixture_discard(struct fixture *self)
{
    store_batch_clear(self->batch);
    index_discard(self->index);
}

bool
fixture_maintain(struct fixture *self)
{
    bool worked = index_maintain(self->index, self->snapshot, self->batch);
    if (worked)
        fixture_commit(self);
    return worked;
}

enum status
fixture_try_reopen(struct fixture *self, struct problem *problem)
{
    index_view_unref(&self->view);
    index_close(&self->index);
    take_snapshot(self);
    enum status status = index_open(self->snapshot, FIXTURE_TENANT, &self->index, problem);
    if (status == STATUS_OK)
        self->view = index_publish(self->index);
    return status;
}

void
fixture_reopen(struct fixture *self)
{
    struct problem problem = {0};
    enum status status = fixture_try_reopen(self, &problem);
    if (status != STATUS_OK)
        fail_msg("%s: %s", status_name(status), problem.text);
}

struct uuid
id_of(uint32_t number)
{
    struct uuid id = {.bytes = {1}};
    for (int i = 0; i < 4; i++)
        id.bytes[UUID_SIZE - 1 - i] = (uint8_t)(number >> (8 * i));
    return id;
}

uint32_t
number_of(const struct uuid *id)
{
    uint32_t number = 0;
    for (int i = 0; i < 4; i++)
        number = number << 8 | id->bytes[UUID_SIZE - 4 + i];
    return number;
}

struct index_document
document_of(uint32_t number, const char *content)
{
    return (struct index_document){
        .id = id_of(number),
        .kind = TEXT("note"),
        .project = TEXT("p"),
        .author = TEXT("ann"),
        .content = text_of(content),
        .scope = 2,
        .created_at_ms = 1000 + number,
        .updated_at_ms = 1000 + number,
    };
}

void
fixture_add(struct fixture *self, uint32_t number, const char *content)
{
    struct index_document document = document_of(number, content);
    index_add(self->index, self->batch, &document);
}

void
fixture_remove(struct fixture *self, uint32_t number)
{
    struct uuid id = id_of(number);
    index_remove(self->index, self->batch, &id);
}

struct index_query
query_of(const char *words)
{
    return (struct index_query){.query = text_of(words), .limit = INDEX_LIMIT_MAX};
}

void
fixture_search(struct fixture *self, const struct index_query *query)
{
    struct problem problem = {0};
    enum status status =
        index_search(self->reader, self->view, self->snapshot, query, &self->result, &problem);
    if (status != STATUS_OK)
        fail_msg("%s: %s", status_name(status), problem.text);
}

void
assert_query_finds(struct fixture *self, const struct index_query *query, const char *numbers)
{
    CLEANUP(buffer_release) struct buffer found = {0};
    fixture_search(self, query);
    for (size_t i = 0; i < self->result.hit_count; i++)
        buffer_format(&found, "%s%u", i ? " " : "", number_of(&self->result.hits[i].id));
    assert_string_equal(buffer_string(&found), numbers);
}

void
assert_finds(struct fixture *self, const char *words, const char *numbers)
{
    struct index_query query = query_of(words);
    assert_query_finds(self, &query, numbers);
}
