/* The index as one would write it without caring for speed: every document is looked at for every
 * query. Shares the analyser with the index and nothing else. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "context-svc/index/index.h"

enum { ORACLE_DOCUMENTS_MAX = 100 };

struct oracle;

struct oracle_hit {
    uint32_t number;
    uint32_t matched;
    double score;
};

struct oracle *oracle_create(void);
void oracle_destroy(struct oracle **self_p);
/* The state of now; what follows on either side does not touch the other. */
struct oracle *oracle_copy(const struct oracle *self);

void oracle_add(struct oracle *self, uint32_t number, const struct index_document *document);
void oracle_remove(struct oracle *self, uint32_t number);
size_t oracle_count(const struct oracle *self);

/* In no order. Words are no stop words, at most 32 different ones. */
size_t oracle_search(
    const struct oracle *self, struct text query, struct oracle_hit hits[ORACLE_DOCUMENTS_MAX]);
