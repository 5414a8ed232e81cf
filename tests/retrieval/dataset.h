/* dataset: documents, questions and which documents answer them, read from a folder:
 *
 *   dataset.json                                  DevBench: memories and queries by expected tags
 *   corpus.jsonl, queries.jsonl, qrels.tsv        one document or query a line; query, document, 1
 *
 * Queries of category "adversarial" are left out, as published figures do; a query that no document
 * answers counts as unanswerable.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/buffer.h"
#include "common/base/problem.h"
#include "common/base/status.h"
#include "common/base/text.h"

enum { DATASET_TAGS_MAX = 16 };

struct dataset_document {
    struct text id, title, content, kind, group;
    struct text tags[DATASET_TAGS_MAX];
    size_t tag_count;
};

struct dataset_query {
    struct text id, text, group;
    uint32_t *relevant; /* indexes of documents */
    size_t relevant_count;
};

struct dataset {
    struct dataset_document *documents;
    size_t document_count, document_capacity;
    struct dataset_query *queries;
    size_t query_count, query_capacity;
    struct arena arena;
    struct buffer files[3]; /* texts point into them */
};

/* NOT_FOUND: neither form is there. INVALID_ARGUMENT: a file cannot be understood. */
enum status dataset_load(
    const char *folder, struct dataset **self_p, struct problem *problem) MUST_CHECK;
void dataset_destroy(struct dataset **self_p);

/* For the two forms' readers. */
struct dataset_document *dataset_add_document(struct dataset *self);
struct dataset_query *dataset_add_query(struct dataset *self);
void dataset_add_relevant(struct dataset_query *query, uint32_t document);

enum status dataset_read_devbench(struct dataset *self, struct text json, struct problem *problem);
enum status dataset_read_lines(struct dataset *self, struct text corpus, struct text queries,
    struct text judgements, struct problem *problem);
