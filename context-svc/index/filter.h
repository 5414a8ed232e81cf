/* filter: which documents a query may find, with names resolved to numbers of the view. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "context-svc/index/view.h"

/* Made to be embedded; zeroed is empty. Keeps its memory from query to query. */
struct index_filter {
    const struct index_query *query;
    bool nothing; /* asks for a name that no document ever had */
    bool simple;  /* asks for nothing that a unit's row would not tell */
    uint32_t project, author, branch, session, principal;
    /* Numbers of the allowed projects, ascending; then of kinds; then of tags. */
    uint32_t *numbers;
    size_t number_capacity;
    size_t project_count, kind_count, tag_count;
};

void index_filter_release(struct index_filter *self);

/* The query is borrowed as long as the filter is asked. */
void index_filter_prepare(
    struct index_filter *self, const struct index_view *view, const struct index_query *query);

/* For a live document; or by any unit of it, which is quicker. */
bool index_filter_accepts(const struct index_filter *self, const struct index_view *view,
    const struct index_document_row *document);
bool index_filter_accepts_unit(const struct index_filter *self, const struct index_view *view,
    const struct index_unit_row *unit);
