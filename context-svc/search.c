#include "context-svc/search.h"

#include "context-svc/filter.h"
#include "context-svc/keys.h"
#include "context-svc/limits.h"

enum {
    SEARCH_DEFAULT = 8,
    SNIPPET_BYTES = 300,
    OFFSET_MAX = 1000,
    CURSOR_FORM = 2,
    CURSOR_SIZE = 5,
};

static enum status
read_cursor(struct context_reading *self, ProtobufCBinaryData cursor, size_t *offset)
{
    *offset = 0;
    if (!cursor.len)
        return STATUS_OK;
    if (cursor.len == CURSOR_SIZE && cursor.data[0] == CURSOR_FORM)
        *offset = context_number_read32((const char *)cursor.data + 1);
    if (*offset == 0 || *offset > OFFSET_MAX) {
        problem_set(&self->problem, "the cursor is none of ours: leave it out to begin anew");
        return STATUS_INVALID_ARGUMENT;
    }
    return STATUS_OK;
}

static void
write_cursor(struct context_reading *self, size_t offset, ProtobufCBinaryData *cursor)
{
    cursor->data = arena_new(self->arena, CURSOR_SIZE);
    cursor->len = CURSOR_SIZE;
    cursor->data[0] = CURSOR_FORM;
    context_number_write32((char *)cursor->data + 1, (uint32_t)offset);
}

static enum status
check_request(struct context_reading *self, const Forge__SearchRequest *request)
{
    const struct context_filter filter = {.project = request->project,
        .kinds = request->kinds,
        .kind_count = request->n_kinds,
        .tags = request->tags,
        .tag_count = request->n_tags,
        .scope = (int)request->scope,
        .author = request->author};
    struct text query = text_of_bytes(request->query);
    enum status status = context_check_text("query", query, LIMIT_QUERY_BYTES, &self->problem);
    if (status == STATUS_OK && !text_trim(query).length) {
        problem_set(&self->problem, "the query is empty: say in a few words what to find");
        return STATUS_INVALID_ARGUMENT;
    }
    if (status == STATUS_OK)
        status = context_check_word(
            "branch", text_of(request->branch), LIMIT_BRANCH_BYTES, &self->problem);
    return status == STATUS_OK ? context_filter_check(&filter, &self->problem) : status;
}

static const struct text *
texts_of(struct context_reading *self, char *const *words, size_t count)
{
    struct text *texts = arena_new(self->arena, (count + 1) * sizeof *texts);
    for (size_t i = 0; i < count; i++)
        texts[i] = text_of(words[i]);
    return texts;
}

static void
fill_query(
    struct context_reading *self, const Forge__SearchRequest *request, struct index_query *query)
{
    *query = (struct index_query){.query = text_of_bytes(request->query),
        .project = text_of(request->project),
        .kinds = texts_of(self, request->kinds, request->n_kinds),
        .kind_count = request->n_kinds,
        .tags = texts_of(self, request->tags, request->n_tags),
        .tag_count = request->n_tags,
        .scope = (uint8_t)request->scope,
        .author = text_of(request->author),
        .branch = text_of(request->branch),
        .since_ms = request->since_ms,
        .until_ms = request->until_ms,
        .now_ms = self->now_ms,
        .principal = self->principal.name,
        .min_score = -1.0F,
        .limit = request->limit ? request->limit : SEARCH_DEFAULT};
    if (request->has_min_score_case == FORGE__SEARCH_REQUEST__HAS_MIN_SCORE_MIN_SCORE)
        query->min_score = request->min_score;
    if (query->limit > LIMIT_SEARCH)
        query->limit = LIMIT_SEARCH;
}

static void
list_matched(struct context_reading *self, const struct index_result *result, uint32_t matched,
    Forge__Hit *hit)
{
    hit->matched = arena_new(self->arena, (result->word_count + 1) * sizeof *hit->matched);
    for (size_t i = 0; i < result->word_count; i++)
        if (matched >> i & 1)
            hit->matched[hit->n_matched++] = arena_copy(self->arena, result->words[i]);
}

/* OK; NOT_FOUND: the entry is gone since, or not for this asker. */
static enum status
add_hit(struct context_reading *self, const struct index_result *result,
    const struct index_hit *found, Forge__SearchReply *reply)
{
    CLEANUP(store_value_release) struct store_value value = {0};
    CLEANUP(buffer_release) struct buffer snippet = {0};
    Forge__Entry *entry = NULL;
    struct text content;
    enum status status = context_reading_card(self, &found->id, &entry, &content, &value);
    if (status != STATUS_OK)
        return status;
    index_snippet(self->index_reader, result, found, content, SNIPPET_BYTES, &snippet);
    Forge__Hit *hit = arena_new(self->arena, sizeof *hit);
    forge__hit__init(hit);
    hit->entry = entry;
    hit->score = found->score;
    hit->snippet =
        bytes_of_text(text_from(arena_copy(self->arena, buffer_text(&snippet)), snippet.length));
    list_matched(self, result, found->matched, hit);
    reply->hits[reply->n_hits++] = hit;
    return STATUS_OK;
}

static enum status
add_hits(struct context_reading *self, const struct index_result *result, Forge__SearchReply *reply,
    struct note_searched *searched)
{
    reply->hits = arena_new(self->arena, (result->hit_count + 1) * sizeof *reply->hits);
    for (size_t i = 0; i < result->hit_count; i++) {
        enum status status = add_hit(self, result, &result->hits[i], reply);
        if (status != STATUS_OK && status != STATUS_NOT_FOUND)
            return status;
        if (status == STATUS_OK && searched->count < NOTE_RESULTS_MAX)
            searched->ids[searched->count++] = result->hits[i].id;
    }
    return STATUS_OK;
}

enum status
context_search_entries(struct context_reading *self, const Forge__SearchRequest *request,
    Forge__SearchReply *reply, struct note_searched *searched)
{
    *searched = (struct note_searched){.kind = NOTE_SEARCHED,
        .principal = context_principal_hash(self->principal.tenant, self->principal.name)};
    reply->sequence = context_view_sequence(self->view);
    size_t offset;
    enum status status = check_request(self, request);
    if (status == STATUS_OK)
        status = read_cursor(self, request->cursor, &offset);
    if (status != STATUS_OK || !self->tenant)
        return status;
    struct index_query query;
    fill_query(self, request, &query);
    query.offset = offset;
    struct index_result result;
    status = index_search(self->index_reader, context_tenant_view_index(self->tenant),
        context_view_snapshot(self->view), &query, &result, &self->problem);
    if (status == STATUS_OK)
        status = add_hits(self, &result, reply, searched);
    if (status != STATUS_OK)
        return status;
    reply->total = result.total;
    size_t next = offset + result.hit_count;
    if (result.hit_count == query.limit && next < result.total && next <= OFFSET_MAX)
        write_cursor(self, next, &reply->cursor);
    return STATUS_OK;
}
