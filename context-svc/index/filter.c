#include "context-svc/index/filter.h"

#include <stdlib.h>

#include "common/base/memory.h"

void
index_filter_release(struct index_filter *self)
{
    free(self->numbers);
    *self = (struct index_filter){0};
}

static int
compare_numbers(const void *a, const void *b)
{
    const uint32_t *left = a;
    const uint32_t *right = b;
    return (*left > *right) - (*left < *right);
}

/* Resolves a list into numbers; those that no document ever had are left out. */
static size_t
resolve(uint32_t *numbers, const struct index_names *names, const struct text *list, size_t count)
{
    size_t known = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t number = index_names_find(names, list[i]);
        if (number != index_string_none)
            numbers[known++] = number;
    }
    if (known > 1)
        qsort(numbers, known, sizeof *numbers, compare_numbers);
    return known;
}

/* The number of a name that is asked for; 0 when any will do. */
static uint32_t
resolve_name(struct index_filter *self, const struct index_view *view, struct text name)
{
    uint32_t number = index_names_find(&view->names, name);
    self->nothing = self->nothing || number == index_string_none;
    return number;
}

void
index_filter_prepare(
    struct index_filter *self, const struct index_view *view, const struct index_query *query)
{
    size_t most = query->project_count + query->kind_count + query->tag_count;
    if (most > self->number_capacity) {
        self->number_capacity = most * 2;
        self->numbers = memory_resize(self->numbers, self->number_capacity * sizeof *self->numbers);
    }
    self->query = query;
    self->nothing = false;
    self->project = resolve_name(self, view, query->project);
    self->author = resolve_name(self, view, query->author);
    self->branch = resolve_name(self, view, query->branch);
    self->session = resolve_name(self, view, query->session);
    self->principal = index_names_find(&view->names, query->principal);

    const struct index_names *names = &view->names;
    uint32_t *numbers = self->numbers;
    self->project_count = resolve(numbers, names, query->projects, query->project_count);
    numbers += self->project_count;
    self->kind_count = resolve(numbers, names, query->kinds, query->kind_count);
    numbers += self->kind_count;
    self->tag_count = resolve(numbers, names, query->tags, query->tag_count);
    self->simple = !self->author && !self->branch && !self->session && !query->scope &&
                   !query->pinned && !query->since_ms && !query->until_ms && !query->kind_count &&
                   !query->tag_count;
    if ((query->project_count && !self->project_count) ||
        (query->kind_count && !self->kind_count) || self->tag_count < query->tag_count)
        self->nothing = true;
}

static bool
holds(const uint32_t *numbers, size_t count, uint32_t number)
{
    size_t low = 0;
    while (count) {
        size_t half = count / 2;
        if (numbers[low + half] == number)
            return true;
        if (numbers[low + half] < number) {
            low += half + 1;
            count -= half + 1;
        } else {
            count = half;
        }
    }
    return false;
}

static bool
has_tags(const struct index_filter *self, const struct index_view *view,
    const struct index_document_row *document)
{
    const uint32_t *tags = self->numbers + self->project_count + self->kind_count;
    for (size_t i = 0; i < self->tag_count; i++) {
        uint32_t at = 0;
        while (
            at < document->tag_count && index_view_tag(view, document->first_tag + at) != tags[i])
            at++;
        if (at == document->tag_count)
            return false;
    }
    return true;
}

static bool
is_in_time(const struct index_query *query, const struct index_document_row *document)
{
    if (query->since_ms && document->created_at_ms < query->since_ms)
        return false;
    if (query->until_ms && document->created_at_ms >= query->until_ms)
        return false;
    return !query->now_ms || !document->expires_at_ms || document->expires_at_ms > query->now_ms;
}

static bool
is_for_asker(const struct index_filter *self, const struct index_document_row *document)
{
    if (document->scope == INDEX_SCOPE_PRIVATE &&
        (!self->principal || document->author != self->principal))
        return false;
    return !self->query->project_count ||
           holds(self->numbers, self->project_count, document->project);
}

bool
index_filter_accepts(const struct index_filter *self, const struct index_view *view,
    const struct index_document_row *document)
{
    const struct index_query *query = self->query;
    if (self->nothing || !is_for_asker(self, document))
        return false;
    if ((self->project && document->project != self->project) ||
        (self->author && document->author != self->author) ||
        (self->branch && document->branch != self->branch) ||
        (self->session && document->session != self->session) ||
        (query->scope && document->scope != query->scope))
        return false;
    if (query->pinned && !(document->flags & INDEX_IS_PINNED))
        return false;
    if (query->kind_count &&
        !holds(self->numbers + self->project_count, self->kind_count, document->kind))
        return false;
    return is_in_time(query, document) && has_tags(self, view, document);
}

bool
index_filter_accepts_unit(const struct index_filter *self, const struct index_view *view,
    const struct index_unit_row *unit)
{
    uint8_t flags = atomic_load_explicit(&unit->flags, memory_order_relaxed);
    if (!self->simple || flags & INDEX_UNIT_GUARDED)
        return index_filter_accepts(self, view, index_view_row(view, unit->document - 1));
    if (self->nothing || (self->project && unit->project != self->project))
        return false;
    return !self->query->project_count || holds(self->numbers, self->project_count, unit->project);
}
