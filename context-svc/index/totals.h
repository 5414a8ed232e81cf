/* totals: how many documents there are and how long they are, per kind, for BM25's averages; and
 * each kind's constants. Kept exactly: what a removal takes away is what its addition gave. */
#pragma once

#include <stdint.h>

#include "common/base/text.h"

enum { INDEX_KIND_SLOTS = 32 };

struct index_kind_total {
    uint32_t kind; /* number of its name */
    uint32_t documents, units;
    float k1, b;
    uint64_t tokens;
};

/* Kinds beyond the slots share the last one. */
struct index_totals {
    uint32_t documents;
    uint32_t kind_count;
    struct index_kind_total kinds[INDEX_KIND_SLOTS];
};

/* The slot of a kind, known by the number of its name; slots are given in the order of arrival. */
uint8_t index_totals_slot(struct index_totals *self, uint32_t number, struct text kind);

void index_totals_add(struct index_totals *self, uint8_t slot, uint32_t units, uint32_t tokens);
void index_totals_remove(struct index_totals *self, uint8_t slot, uint32_t units, uint32_t tokens);

/* BM25's denominator is weight + base + slope * length, for a unit and for a whole document. */
struct index_scale {
    float k1;
    float unit_base, unit_slope;
    float document_base, document_slope;
};

void index_totals_scales(
    const struct index_totals *self, struct index_scale scales[INDEX_KIND_SLOTS]);
