#include "metrics.pb-c.h"

#include "common/base/clock.h"
#include "gateway/tools/budget.h"
#include "gateway/tools/call.h"
#include "gateway/tools/common_arguments.h"
#include "gateway/tools/entry.h"
#include "gateway/tools/table.h"

enum { METRIC, SINCE, UNTIL, STEP, AGG, NODE, MAX_TOKENS, PROGRAM, INSTANCE };

static const char *const aggregations[] = {
    "avg", "min", "max", "sum", "rate", "p50", "p95", "p99", NULL};

static const struct argument query_arguments[] = {
    [METRIC] = {.name = "metric",
        .type = ARGUMENT_TEXT,
        .flags = ARGUMENT_REQUIRED | ARGUMENT_NAME,
        .min = 1,
        .max = LIMIT_METRIC_BYTES,
        .also = "name query q series"},
    [SINCE] = {.name = "since", .type = ARGUMENT_TIME, .also = "from start after"},
    [UNTIL] = {.name = "until", .type = ARGUMENT_TIME, .also = "to end before"},
    [STEP] = {.name = "step",
        .type = ARGUMENT_INTEGER,
        .min = 1,
        .max = 86400,
        .also = "interval resolution step_seconds",
        .description = "seconds"},
    [AGG] = {.name = "agg",
        .type = ARGUMENT_WORD,
        .flags = ARGUMENT_TERSE,
        .words = aggregations,
        .also = "aggregation aggregate function"},
    [NODE] = {.name = "node",
        .type = ARGUMENT_TEXT,
        .flags = ARGUMENT_NAME,
        .max = LIMIT_NAME_BYTES,
        .also = "host"},
    [MAX_TOKENS] = ARGUMENT_ROW_MAX_TOKENS(0),
    [PROGRAM] = {.name = "program",
        .type = ARGUMENT_TEXT,
        .flags = ARGUMENT_HIDDEN | ARGUMENT_NAME,
        .max = LIMIT_NAME_BYTES,
        .also = "service"},
    [INSTANCE] = {.name = "instance",
        .type = ARGUMENT_TEXT,
        .flags = ARGUMENT_HIDDEN | ARGUMENT_NAME,
        .max = LIMIT_NAME_BYTES},
};

enum {
    DEFAULT_TOKENS = 4000,
    TAIL_BYTES = sizeof ",\"truncated\":false,\"next\":\"raise step or max_tokens\"",
    BYTES_PER_POINT = 44, /* ["2026-11-24T07:30:00.000Z",123.456] */
};

static void
write_labels(struct json_writer *writer, const Forge__Series *series)
{
    json_write_key(writer, "labels");
    json_write_object_begin(writer);
    for (size_t i = 0; i < series->n_labels; i++) {
        json_write_key_text(writer, text_of(series->labels[i]->name));
        json_write_string(writer, series->labels[i]->value);
    }
    json_write_object_end(writer);
}

static void
write_point(struct json_writer *writer, const Forge__Point *point)
{
    char words[CLOCK_TEXT_SIZE];
    clock_format(point->at_ms, words);
    json_write_array_begin(writer);
    json_write_string(writer, words);
    json_write_number(writer, point->value);
    json_write_array_end(writer);
}

/* False when not all of its points fit. */
static bool
write_series(struct budget *budget, const Forge__Series *series)
{
    struct json_writer *writer = budget->writer;
    struct budget_mark mark = budget_mark(budget);
    json_write_object_begin(writer);
    entry_write_string(writer, "metric", series->name);
    write_labels(writer, series);
    json_write_key(writer, "points");
    json_write_array_begin(writer);
    if (!budget_keep(budget, &mark))
        return false;
    for (size_t i = 0; i < series->n_points; i++) {
        struct budget_mark before = budget_mark(budget);
        write_point(writer, series->points[i]);
        if (!budget_keep(budget, &before))
            break;
    }
    json_write_array_end(writer);
    json_write_object_end(writer);
    return !budget->cut;
}

static void
on_queried(const Forge__QueryReply *reply, void *argument)
{
    struct tool_call *call = argument;
    struct json_writer writer;
    if (!tool_call_answered(call, reply, &writer))
        return;
    struct budget budget;
    budget_init(&budget, &writer, tool_call_value(call, MAX_TOKENS), DEFAULT_TOKENS, TAIL_BYTES);
    entry_write_string(&writer, "aggregation", reply->aggregation);
    json_write_key(&writer, "step_seconds");
    json_write_number(&writer, reply->step_ms / 1000.0);
    json_write_key(&writer, "series");
    json_write_array_begin(&writer);
    for (size_t i = 0; i < reply->n_series; i++)
        if (!write_series(&budget, reply->series[i]))
            break;
    json_write_array_end(&writer);
    bool cut = budget.cut || reply->truncated;
    json_write_key(&writer, "truncated");
    json_write_boolean(&writer, cut);
    if (cut) {
        json_write_key(&writer, "next");
        json_write_string(&writer, "raise step or max_tokens");
    }
    tool_call_finish(call, &writer);
}

static uint32_t
points_that_fit(const struct argument_value *max_tokens)
{
    int64_t tokens = max_tokens->given ? max_tokens->integer : DEFAULT_TOKENS;
    int64_t points = tokens * 4 / BYTES_PER_POINT;
    return points < 1 ? 1 : points > LIMIT_POINTS ? LIMIT_POINTS : (uint32_t)points;
}

/* Where a series comes from is told by labels that every series has. */
static void
add_labels(const struct argument_value *values, Forge__Label labels[3], Forge__Label *list[3],
    Forge__QueryRequest *request)
{
    static const char *const names[] = {"host", "program", "instance"};
    static const unsigned places[] = {NODE, PROGRAM, INSTANCE};
    request->labels = list;
    for (size_t i = 0; i < 3; i++) {
        if (!values[places[i]].given)
            continue;
        Forge__Label *label = &labels[request->n_labels];
        forge__label__init(label);
        label->name = (char *)names[i];
        label->value = values[places[i]].string;
        list[request->n_labels++] = label;
    }
}

static void
ask_query(struct tool_call *call)
{
    const struct argument_value *values = call->values;
    if (values[SINCE].given && values[UNTIL].given &&
        values[SINCE].integer >= values[UNTIL].integer) {
        tool_call_refuse(call, STATUS_INVALID_ARGUMENT, "since",
            "metrics_query: \"since\" must lie before \"until\". Example: %s", call->tool->example);
        return;
    }
    Forge__Label labels[3];
    Forge__Label *list[3];
    Forge__QueryRequest request = FORGE__QUERY_REQUEST__INIT;
    request.metric = values[METRIC].string;
    request.since_ms = values[SINCE].integer;
    request.until_ms = values[UNTIL].integer;
    request.step_ms = (uint32_t)values[STEP].integer * 1000;
    request.max_points = points_that_fit(&values[MAX_TOKENS]);
    if (values[AGG].given)
        request.aggregation = (char *)aggregations[values[AGG].integer];
    add_labels(values, labels, list, &request);
    ProtobufCService *metrics = tool_call_bind(call, &forge__metrics__descriptor);
    forge__metrics__query(metrics, &request, on_queried, call);
}

const struct tool tool_metrics_query = {
    .name = "metrics_query",
    .title = "Query a metric",
    .description = "One metric over time, such as forge_tool_calls_total.",
    .example = "{\"metric\":\"forge_tool_calls_total\",\"since\":\"1h\",\"agg\":\"rate\"}",
    .arguments = ARGUMENT_LIST(query_arguments),
    .output = "aggregation:string step_seconds:number series:objects truncated:boolean next:string",
    .flags = TOOL_OPERATIONS | TOOL_READS,
    .role = ROLE_READER,
    .service = "metrics-svc",
    .ask = ask_query,
};
