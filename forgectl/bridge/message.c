#include "forgectl/bridge/message.h"

#include "forgectl/cli/view.h"

#define CLAIM_KEY "io.modelcontextprotocol/protocolVersion"

/* The parts of a message, raw. */
struct parts {
    struct text id;
    struct text method;
    struct text params;
    bool is_answer; /* has a result or an error */
};

static bool
read_parts(struct json_reader *reader, struct parts *parts)
{
    struct text key;
    struct text ignored;
    if (!json_object_begin(reader))
        return false;
    while (json_object_next(reader, &key)) {
        bool is_answer = text_is(key, "result") || text_is(key, "error");
        struct text *field = &ignored;
        if (text_is(key, "id"))
            field = &parts->id;
        else if (text_is(key, "method"))
            field = &parts->method;
        else if (text_is(key, "params"))
            field = &parts->params;
        parts->is_answer = parts->is_answer || is_answer;
        if (!json_read_raw(reader, field))
            return false;
    }
    return true;
}

/* A member whose name holds dots, which a path cannot. */
static struct text
claim_of(struct text params)
{
    struct view_walk walk;
    view_walk_begin(&walk, view_member(params, "_meta"));
    while (walk.is_object && view_walk_next(&walk))
        if (text_is(walk.key, CLAIM_KEY))
            return walk.value;
    return text_from(NULL, 0);
}

static const char *
name_member(struct text method)
{
    static const struct {
        const char *method;
        const char *member;
    } rows[] = {
        {"tools/call", "name"},
        {"prompts/get", "name"},
        {"resources/read", "uri"},
        {"tasks/get", "taskId"},
        {"tasks/update", "taskId"},
        {"tasks/cancel", "taskId"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (text_is(method, rows[i].method))
            return rows[i].member;
    return NULL;
}

static void
read_params(struct text params, struct arena *arena, struct bridge_message *self)
{
    self->claim = view_string(claim_of(params), arena);
    const char *member = name_member(self->method);
    if (member != NULL)
        self->name = view_string(view_member(params, member), arena);
    if (text_is(self->method, "tools/call")) {
        struct text project = view_member(params, "arguments.project");
        enum json_type type = view_type(project);
        if (type == JSON_STRING)
            self->project = view_string(project, arena);
        else if (type == JSON_NUMBER || type == JSON_TRUE || type == JSON_FALSE)
            self->project = project;
    }
    if (text_is(self->method, "notifications/cancelled"))
        self->cancelled = view_member(params, "requestId");
}

enum status
bridge_message_read(
    struct text line, struct arena *arena, struct bridge_message *self, struct problem *problem)
{
    *self = (struct bridge_message){0};
    struct json_reader reader;
    json_reader_init(&reader, line);
    struct parts parts = {0};
    bool is_batch = json_peek(&reader) == JSON_ARRAY;
    bool is_read = is_batch ? json_skip(&reader) : read_parts(&reader, &parts);
    if (!is_read || !json_reader_end(&reader)) {
        problem_set(problem, "the line is no JSON message: %s (byte %zu)",
            json_reader_problem(&reader), json_reader_offset(&reader) + 1);
        return STATUS_INVALID_ARGUMENT;
    }
    self->kind = is_batch ? BRIDGE_BATCH : BRIDGE_REQUEST;
    if (is_batch)
        return STATUS_OK;
    self->id = parts.id;
    self->method = view_string(parts.method, arena);
    if (self->method.data == NULL && !parts.is_answer) {
        problem_set(problem, "the message has neither a method nor a result");
        return STATUS_INVALID_ARGUMENT;
    }
    if (self->method.data == NULL)
        self->kind = BRIDGE_RESPONSE;
    else if (parts.id.data == NULL)
        self->kind = BRIDGE_NOTIFICATION;
    if (self->kind != BRIDGE_RESPONSE)
        read_params(parts.params, arena, self);
    return STATUS_OK;
}

static void
add_id(struct buffer *ids, struct text id)
{
    if (ids->length > 0)
        buffer_add_byte(ids, ',');
    buffer_add_text(ids, id);
}

void
bridge_message_ids(struct text line, const struct bridge_message *message, struct buffer *ids)
{
    if (message->kind == BRIDGE_REQUEST)
        add_id(ids, message->id);
    if (message->kind != BRIDGE_BATCH)
        return;
    struct view_walk walk;
    view_walk_begin(&walk, line);
    while (view_walk_next(&walk)) {
        struct text id = view_member(walk.value, "id");
        if (id.data != NULL && view_member(walk.value, "method").data != NULL)
            add_id(ids, id);
    }
}
