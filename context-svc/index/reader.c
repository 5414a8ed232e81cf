#include "context-svc/index/reader.h"

#include <stdlib.h>

#include "common/base/memory.h"

struct index_reader *
index_reader_create(void)
{
    struct index_reader *self = memory_new(sizeof *self);
    self->analyser = index_analyser_create();
    return self;
}

void
index_reader_destroy(struct index_reader **self_p)
{
    struct index_reader *self = *self_p;
    *self_p = NULL;
    if (!self)
        return;
    index_ranking_release(&self->ranking);
    index_scorer_release(&self->scorer);
    index_postings_release(&self->postings);
    index_filter_release(&self->filter);
    index_terms_release(&self->terms);
    index_analyser_destroy(&self->analyser);
    free(self);
}
