/* corpus.jsonl, queries.jsonl, qrels.tsv. Lines of a corpus may be in any order, so ids are found
 * by a table. */
#include <stdlib.h>

#include "common/base/hash.h"
#include "common/base/memory.h"
#include "common/json/reader.h"
#include "tests/retrieval/dataset.h"

struct id_table {
    uint32_t *slots; /* index + 1 */
    size_t mask;
};

static bool
next_line(struct text *rest, struct text *line)
{
    if (!rest->length)
        return false;
    const char *end = memchr(rest->data, '\n', rest->length);
    size_t length = end ? (size_t)(end - rest->data) : rest->length;
    *line = text_from(rest->data, length);
    size_t used = end ? length + 1 : length;
    *rest = text_from(rest->data + used, rest->length - used);
    return true;
}

static void
read_member(struct dataset *self, struct json_reader *reader, struct text key,
    const struct text names[], struct text *const values[])
{
    for (size_t i = 0; names[i].length; i++)
        if (text_equals(names[i], key)) {
            json_read_string(reader, &self->arena, values[i]);
            return;
        }
    json_skip(reader);
}

static bool
read_object(
    struct dataset *self, struct text line, const struct text names[], struct text *const values[])
{
    struct json_reader reader;
    struct text key;
    json_reader_init(&reader, line);
    if (json_object_begin(&reader))
        while (json_object_next(&reader, &key))
            read_member(self, &reader, key, names, values);
    return json_reader_end(&reader);
}

static bool
read_document(struct dataset *self, struct text line)
{
    struct dataset_document *document = dataset_add_document(self);
    const struct text names[] = {TEXT("id"), TEXT("title"), TEXT("text"), TEXT("group"), {0}};
    struct text *const values[] = {
        &document->id, &document->title, &document->content, &document->group};
    if (!read_object(self, line, names, values))
        return false;
    /* Where the text repeats its title, it is given once. */
    if (document->title.length && text_starts_with(document->content, document->title)) {
        document->content.data += document->title.length;
        document->content.length -= document->title.length;
    }
    return true;
}

static bool
read_query(struct dataset *self, struct text line)
{
    struct dataset_query query = {0};
    struct text category = {0};
    const struct text names[] = {TEXT("id"), TEXT("text"), TEXT("group"), TEXT("category"), {0}};
    struct text *const values[] = {&query.id, &query.text, &query.group, &category};
    if (!read_object(self, line, names, values))
        return false;
    if (!text_is(category, "adversarial"))
        *dataset_add_query(self) = query;
    return true;
}

static size_t
slot_of(const struct id_table *table, struct text id)
{
    return hash_fnv1a(id) & table->mask;
}

static struct id_table
index_documents(const struct dataset *self)
{
    struct id_table table = {.mask = 1023};
    while (table.mask < self->document_count * 2)
        table.mask = table.mask * 2 + 1;
    table.slots = memory_array(table.mask + 1, sizeof *table.slots);
    for (size_t i = 0; i < self->document_count; i++) {
        size_t at = slot_of(&table, self->documents[i].id);
        while (table.slots[at])
            at = (at + 1) & table.mask;
        table.slots[at] = (uint32_t)i + 1;
    }
    return table;
}

static int64_t
find(const struct dataset *self, const struct id_table *table, struct text id)
{
    for (size_t at = slot_of(table, id); table->slots[at]; at = (at + 1) & table->mask)
        if (text_equals(self->documents[table->slots[at] - 1].id, id))
            return (int64_t)table->slots[at] - 1;
    return -1;
}

static struct text
take_field(struct text *line)
{
    const char *end = memchr(line->data, '\t', line->length);
    struct text field = text_from(line->data, end ? (size_t)(end - line->data) : line->length);
    size_t used = end ? field.length + 1 : field.length;
    *line = text_from(line->data + used, line->length - used);
    return field;
}

/* Judgements of one query follow each other; queries come in the order of their file. */
static void
read_judgements(struct dataset *self, const struct id_table *table, struct text judgements)
{
    struct text line;
    size_t at = 0;
    while (self->query_count && next_line(&judgements, &line)) {
        struct text query = take_field(&line);
        int64_t document = find(self, table, take_field(&line));
        size_t tried = 0;
        while (tried < self->query_count && !text_equals(self->queries[at].id, query)) {
            at = (at + 1) % self->query_count;
            tried++;
        }
        if (document >= 0 && tried < self->query_count)
            dataset_add_relevant(&self->queries[at], (uint32_t)document);
    }
}

enum status
dataset_read_lines(struct dataset *self, struct text corpus, struct text queries,
    struct text judgements, struct problem *problem)
{
    struct text line;
    while (next_line(&corpus, &line))
        if (line.length && !read_document(self, line)) {
            problem_set(problem, "corpus.jsonl, line %zu is no document", self->document_count);
            return STATUS_INVALID_ARGUMENT;
        }
    while (next_line(&queries, &line))
        if (line.length && !read_query(self, line)) {
            problem_set(problem, "queries.jsonl: no query after %zu", self->query_count);
            return STATUS_INVALID_ARGUMENT;
        }
    struct id_table table = index_documents(self);
    read_judgements(self, &table, judgements);
    free(table.slots);
    return STATUS_OK;
}
