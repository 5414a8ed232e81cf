/* Recent: the newest documents, from the table in RAM alone. */
#include <assert.h>

#include "context-svc/index/reader.h"

void
index_recent(struct index_reader *self, const struct index_view *view,
    const struct index_query *query, struct index_result *result)
{
    assert(query->limit <= INDEX_RECENT_MAX && query->offset <= INDEX_OFFSET_MAX);
    index_filter_prepare(&self->filter, view, query);
    index_ranking_begin(&self->ranking, query->offset + query->limit);
    uint32_t total = 0;
    for (uint32_t i = 0; i < view->document_count && !self->filter.nothing; i++) {
        const struct index_document_row *row = index_view_document(view, i);
        if (!row || !index_document_row_is_live(row, view->epoch) ||
            !index_filter_accepts(&self->filter, view, row))
            continue;
        total++;
        const struct index_candidate candidate = {
            .document = i, .created_at_ms = row->created_at_ms, .id = row->id};
        index_ranking_offer(&self->ranking, &candidate);
    }
    index_ranking_sort(&self->ranking);
    *result = (struct index_result){.hits = self->hits, .total = total};
    for (size_t i = query->offset; i < self->ranking.count; i++)
        self->hits[result->hit_count++] = (struct index_hit){.id = self->ranking.items[i].id};
}
