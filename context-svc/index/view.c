#include "context-svc/index/view.h"

#include <stdlib.h>

struct index_view *
index_view_ref(struct index_view *view)
{
    atomic_fetch_add_explicit(&view->references, 1, memory_order_relaxed);
    return view;
}

void
index_view_unref(struct index_view **view_p)
{
    struct index_view *view = *view_p;
    *view_p = NULL;
    if (!view || atomic_fetch_sub_explicit(&view->references, 1, memory_order_acq_rel) != 1)
        return;
    index_directory_unref(&view->units);
    index_directory_unref(&view->places);
    index_directory_unref(&view->documents);
    index_directory_unref(&view->tags);
    index_names_release(&view->names);
    for (uint32_t i = 0; i < view->chunk_count; i++)
        index_delta_chunk_unref(view->chunks[i]);
    free(view);
}

uint32_t
index_view_documents(const struct index_view *view)
{
    return view->live_documents;
}
