#include <math.h>

#include "context.pb-c.h"

#include "gateway/tools/call.h"
#include "gateway/tools/common_arguments.h"
#include "gateway/tools/entry.h"
#include "gateway/tools/page.h"
#include "gateway/tools/table.h"

enum {
    QUERY,
    PROJECT,
    KINDS,
    TAGS,
    SCOPE,
    SINCE,
    LIMIT,
    MIN_SCORE,
    MAX_TOKENS,
    CURSOR,
    UNTIL,
    AUTHOR,
    BRANCH,
};

static const struct argument search_arguments[] = {
    [QUERY] = {.name = "query",
        .type = ARGUMENT_TEXT,
        .flags = ARGUMENT_REQUIRED,
        .min = 1,
        .max = LIMIT_QUERY_BYTES,
        .also = "q search question text content keywords search_query"},
    [PROJECT] = ARGUMENT_ROW_PROJECT,
    [KINDS] = ARGUMENT_ROW_KINDS,
    [TAGS] = ARGUMENT_ROW_TAGS,
    [SCOPE] = ARGUMENT_ROW_SCOPE(ARGUMENT_TERSE),
    [SINCE] = {.name = "since",
        .type = ARGUMENT_TIME,
        .also = "after from",
        .description = "like 7d"},
    [LIMIT] = ARGUMENT_ROW_LIMIT(LIMIT_SEARCH),
    [MIN_SCORE] = {.name = "min_score", .type = ARGUMENT_RATIO, .also = "threshold min_relevance"},
    [MAX_TOKENS] = ARGUMENT_ROW_MAX_TOKENS(0),
    [CURSOR] = ARGUMENT_ROW_CURSOR(ARGUMENT_HIDDEN),
    [UNTIL] = {.name = "until",
        .type = ARGUMENT_TIME,
        .flags = ARGUMENT_HIDDEN,
        .also = "before to"},
    [AUTHOR] = {.name = "author",
        .type = ARGUMENT_TEXT,
        .flags = ARGUMENT_HIDDEN | ARGUMENT_NAME,
        .max = LIMIT_NAME_BYTES,
        .also = "user"},
    [BRANCH] = {.name = "branch",
        .type = ARGUMENT_TEXT,
        .flags = ARGUMENT_HIDDEN | ARGUMENT_NAME,
        .max = LIMIT_BRANCH_BYTES},
};

enum { DEFAULT_TOKENS = 4000 };

static double
rounded(float score)
{
    return round((double)score * 1000) / 1000;
}

static void
write_hit(struct json_writer *writer, const Forge__Hit *hit)
{
    json_write_object_begin(writer);
    json_write_key(writer, "score");
    json_write_number(writer, rounded(hit->score));
    if (hit->entry)
        entry_write_head(writer, hit->entry);
    json_write_key(writer, "snippet");
    json_write_text(writer, entry_text(hit->snippet));
    entry_write_strings(writer, "matched", hit->matched, hit->n_matched);
    json_write_object_end(writer);
}

static void
on_searched(const Forge__SearchReply *reply, void *argument)
{
    struct tool_call *call = argument;
    struct json_writer writer;
    struct page page;
    struct budget budget;
    if (!tool_call_answered(call, reply, &writer) ||
        !page_read(&page, call, tool_call_value(call, CURSOR)))
        return;
    budget_init(&budget, &writer, tool_call_value(call, MAX_TOKENS), DEFAULT_TOKENS,
        page_tail_bytes(&page, &reply->cursor));
    json_write_key(&writer, "total");
    json_write_unsigned(&writer, reply->total);
    json_write_key(&writer, "hits");
    json_write_array_begin(&writer);
    size_t shown = page.skip;
    for (; shown < reply->n_hits; shown++) {
        struct budget_mark mark = budget_mark(&budget);
        write_hit(&writer, reply->hits[shown]);
        if (budget_keep(&budget, &mark))
            continue;
        if (shown == page.skip && reply->hits[shown]->entry)
            page_write_short(&writer, reply->hits[shown++]->entry->id);
        break;
    }
    json_write_array_end(&writer);
    page_write_end(&page, &budget, shown, &reply->cursor);
    tool_call_finish(call, &writer);
}

static void
ask_search(struct tool_call *call)
{
    const struct argument_value *values = call->values;
    struct page page;
    if (!page_read(&page, call, &values[CURSOR]))
        return;
    Forge__SearchRequest request = FORGE__SEARCH_REQUEST__INIT;
    request.query = entry_bytes(values[QUERY].text);
    request.project = values[PROJECT].string;
    request.kinds = values[KINDS].strings;
    request.n_kinds = values[KINDS].count;
    request.tags = values[TAGS].strings;
    request.n_tags = values[TAGS].count;
    request.scope = entry_scope(&values[SCOPE]);
    request.author = values[AUTHOR].string;
    request.branch = values[BRANCH].string;
    request.since_ms = values[SINCE].integer;
    request.until_ms = values[UNTIL].integer;
    request.limit = (uint32_t)values[LIMIT].integer;
    if (values[MIN_SCORE].given) {
        request.has_min_score_case = FORGE__SEARCH_REQUEST__HAS_MIN_SCORE_MIN_SCORE;
        request.min_score = (float)values[MIN_SCORE].ratio;
    }
    request.cursor = page.service;
    call->rpc.project = values[PROJECT].text;
    ProtobufCService *context = tool_call_bind(call, &forge__context__descriptor);
    forge__context__search(context, &request, on_searched, call);
}

const struct tool tool_context_search = {
    .name = "context_search",
    .title = "Search team memory",
    .description = "Search what the team already learnt, before you solve, decide or ask; "
                   "context_get has the full text.",
    .example = "{\"query\":\"why do retries use jitter\",\"project\":\"shop\",\"limit\":8}",
    .arguments = ARGUMENT_LIST(search_arguments),
    .output = "hits:objects total:integer truncated:boolean cursor:string",
    .flags = TOOL_READS,
    .role = ROLE_READER,
    .service = "context-svc",
    .ask = ask_search,
};
