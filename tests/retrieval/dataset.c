#include "tests/retrieval/dataset.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/memory.h"

void
dataset_destroy(struct dataset **self_p)
{
    struct dataset *self = *self_p;
    *self_p = NULL;
    if (!self)
        return;
    for (size_t i = 0; i < self->query_count; i++)
        free(self->queries[i].relevant);
    free(self->queries);
    free(self->documents);
    for (size_t i = 0; i < sizeof self->files / sizeof *self->files; i++)
        buffer_release(&self->files[i]);
    arena_release(&self->arena);
    free(self);
}

struct dataset_document *
dataset_add_document(struct dataset *self)
{
    if (self->document_count == self->document_capacity) {
        self->document_capacity = self->document_capacity ? self->document_capacity * 2 : 64;
        self->documents =
            memory_resize(self->documents, self->document_capacity * sizeof *self->documents);
    }
    struct dataset_document *document = &self->documents[self->document_count++];
    *document = (struct dataset_document){0};
    return document;
}

struct dataset_query *
dataset_add_query(struct dataset *self)
{
    if (self->query_count == self->query_capacity) {
        self->query_capacity = self->query_capacity ? self->query_capacity * 2 : 64;
        self->queries = memory_resize(self->queries, self->query_capacity * sizeof *self->queries);
    }
    struct dataset_query *query = &self->queries[self->query_count++];
    *query = (struct dataset_query){0};
    return query;
}

void
dataset_add_relevant(struct dataset_query *query, uint32_t document)
{
    size_t size = (query->relevant_count + 1) * sizeof *query->relevant;
    query->relevant = memory_resize(query->relevant, size);
    query->relevant[query->relevant_count++] = document;
}

static bool
read_file(const char *folder, const char *name, struct buffer *out)
{
    CLEANUP(buffer_release) struct buffer path = {0};
    buffer_format(&path, "%s/%s", folder, name);
    int fd = open(buffer_string(&path), O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    enum { PIECE = 1 << 16 };
    ssize_t got;
    while ((got = read(fd, buffer_reserve(out, PIECE), PIECE)) > 0)
        out->length += (size_t)got;
    close(fd);
    return got == 0;
}

enum status
dataset_load(const char *folder, struct dataset **self_p, struct problem *problem)
{
    CLEANUP(dataset_destroy) struct dataset *self = memory_new(sizeof *self);
    arena_init(&self->arena, SIZE_MAX);
    enum status status;
    if (read_file(folder, "dataset.json", &self->files[0])) {
        status = dataset_read_devbench(self, buffer_text(&self->files[0]), problem);
    } else if (read_file(folder, "corpus.jsonl", &self->files[0]) &&
               read_file(folder, "queries.jsonl", &self->files[1]) &&
               read_file(folder, "qrels.tsv", &self->files[2])) {
        status = dataset_read_lines(self, buffer_text(&self->files[0]),
            buffer_text(&self->files[1]), buffer_text(&self->files[2]), problem);
    } else {
        problem_set(
            problem, "%s: neither dataset.json nor corpus.jsonl, queries.jsonl, qrels.tsv", folder);
        status = STATUS_NOT_FOUND;
    }
    if (status == STATUS_OK)
        *self_p = TAKE(self);
    return status;
}
