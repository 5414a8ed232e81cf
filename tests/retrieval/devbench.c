/* DevBench: {"memories": [...], "queries": [...]}; a memory answers when it bears an expected tag.
 */
#include "common/json/reader.h"
#include "tests/retrieval/dataset.h"

static void
read_tags(struct dataset *self, struct json_reader *reader, struct dataset_document *document)
{
    if (!json_array_begin(reader))
        return;
    while (json_array_next(reader)) {
        struct text tag;
        if (!json_read_string(reader, &self->arena, &tag))
            return;
        if (document->tag_count == DATASET_TAGS_MAX)
            json_fail(reader, "too many tags");
        else
            document->tags[document->tag_count++] = tag;
    }
}

static void
read_memories(struct dataset *self, struct json_reader *reader)
{
    struct text key;
    if (!json_array_begin(reader))
        return;
    while (json_array_next(reader)) {
        struct dataset_document *document = dataset_add_document(self);
        if (!json_object_begin(reader))
            return;
        while (json_object_next(reader, &key)) {
            if (text_is(key, "id"))
                json_read_string(reader, &self->arena, &document->id);
            else if (text_is(key, "content"))
                json_read_string(reader, &self->arena, &document->content);
            else if (text_is(key, "memory_type"))
                json_read_string(reader, &self->arena, &document->kind);
            else if (text_is(key, "tags"))
                read_tags(self, reader, document);
            else
                json_skip(reader);
        }
    }
}

static void
read_expected(struct dataset *self, struct json_reader *reader, struct dataset_query *query)
{
    if (!json_array_begin(reader))
        return;
    while (json_array_next(reader)) {
        struct text tag;
        if (!json_read_string(reader, &self->arena, &tag))
            return;
        for (size_t i = 0; i < self->document_count; i++)
            for (size_t j = 0; j < self->documents[i].tag_count; j++)
                if (text_equals(self->documents[i].tags[j], tag))
                    dataset_add_relevant(query, (uint32_t)i);
    }
}

static void
read_queries(struct dataset *self, struct json_reader *reader)
{
    struct text key;
    if (!json_array_begin(reader))
        return;
    while (json_array_next(reader)) {
        struct dataset_query *query = dataset_add_query(self);
        if (!json_object_begin(reader))
            return;
        while (json_object_next(reader, &key)) {
            if (text_is(key, "id"))
                json_read_string(reader, &self->arena, &query->id);
            else if (text_is(key, "question"))
                json_read_string(reader, &self->arena, &query->text);
            else if (text_is(key, "expected_tags"))
                read_expected(self, reader, query);
            else
                json_skip(reader);
        }
    }
}

enum status
dataset_read_devbench(struct dataset *self, struct text json, struct problem *problem)
{
    struct json_reader reader;
    struct text key;
    json_reader_init(&reader, json);
    if (json_object_begin(&reader))
        while (json_object_next(&reader, &key)) {
            if (text_is(key, "memories"))
                read_memories(self, &reader);
            else if (text_is(key, "queries"))
                read_queries(self, &reader);
            else
                json_skip(&reader);
        }
    if (json_reader_end(&reader))
        return STATUS_OK;
    problem_set(problem, "dataset.json, byte %zu: %s", json_reader_offset(&reader),
        json_reader_problem(&reader));
    return STATUS_INVALID_ARGUMENT;
}
