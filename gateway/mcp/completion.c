#include "context.pb-c.h"
#include "session.pb-c.h"

#include "common/json/reader.h"
#include "gateway/mcp/methods.h"
#include "gateway/mcp/prompt_texts.h"
#include "gateway/tools/limits.h"

enum { VALUES_MAX = 100 };

/* What is completed: the members of params.ref and params.argument that matter. */
struct completion {
    struct text type, name, uri; /* of ref */
    struct text argument, value;
};

static void
read_strings(
    struct mcp_request *request, struct text raw, const char *const names[], struct text *values[])
{
    if (!jsonrpc_is_object(raw))
        return;
    struct json_reader reader;
    struct text key;
    json_reader_init(&reader, raw);
    json_object_begin(&reader);
    while (json_object_next(&reader, &key)) {
        struct text member;
        size_t i = 0;
        while (names[i] && !text_is(key, names[i]))
            i++;
        struct text *value = names[i] ? values[i] : NULL;
        if (json_read_raw(&reader, &member) && value &&
            !jsonrpc_string(member, mcp_request_arena(request), value))
            *value = (struct text){0};
    }
}

static struct completion
read_completion(struct mcp_request *request)
{
    struct completion read = {{0}, {0}, {0}, {0}, {0}};
    read_strings(request, request->message.params[PARAM_REF],
        (const char *const[]){"type", "name", "uri", NULL},
        (struct text *[]){&read.type, &read.name, &read.uri});
    read_strings(request, request->message.params[PARAM_ARGUMENT],
        (const char *const[]){"name", "value", NULL},
        (struct text *[]){&read.argument, &read.value});
    return read;
}

static struct json_writer *
begin(struct mcp_request *request)
{
    struct json_writer *writer = mcp_result_begin(request);
    json_write_key(writer, "completion");
    json_write_object_begin(writer);
    json_write_key(writer, "values");
    json_write_array_begin(writer);
    return writer;
}

static void
end(struct mcp_request *request, bool more)
{
    json_write_array_end(&request->writer);
    json_write_key(&request->writer, "hasMore");
    json_write_boolean(&request->writer, more);
    json_write_object_end(&request->writer);
    mcp_result_end(request, CACHE_NONE);
}

static void
on_projects(const Forge__ProjectsReply *reply, void *argument)
{
    struct mcp_request *request = argument;
    if (!mcp_request_answered(request, reply, "context-svc"))
        return;
    struct json_writer *writer = begin(request);
    for (size_t i = 0; i < reply->n_projects && i < VALUES_MAX; i++)
        json_write_string(writer, reply->projects[i]->name);
    end(request, reply->n_projects > VALUES_MAX);
}

static void
complete_project(struct mcp_request *request, struct text prefix)
{
    Forge__ProjectsRequest projects = FORGE__PROJECTS_REQUEST__INIT;
    projects.prefix = arena_copy(mcp_request_arena(request), text_cut(prefix, LIMIT_PROJECT_BYTES));
    projects.limit = VALUES_MAX + 1;
    ProtobufCService *context = mcp_request_bind(request, &forge__context__descriptor);
    forge__context__projects(context, &projects, on_projects, request);
}

static void
on_sessions(const Forge__SessionListReply *reply, void *argument)
{
    struct mcp_request *request = argument;
    if (!mcp_request_answered(request, reply, "context-svc"))
        return;
    struct json_writer *writer = begin(request);
    size_t written = 0;
    for (size_t i = 0; i < reply->n_sessions && written < VALUES_MAX; i++) {
        struct text handle = text_of(reply->sessions[i]->handle);
        if (!text_starts_with(handle, request->subject))
            continue;
        json_write_text(writer, handle);
        written++;
    }
    end(request, reply->cursor.len > 0);
}

static void
complete_session(struct mcp_request *request, struct text prefix)
{
    struct arena *arena = mcp_request_arena(request);
    Forge__SessionListRequest sessions = FORGE__SESSION_LIST_REQUEST__INIT;
    sessions.author = arena_copy(arena, request->mcp->options.principal.name);
    sessions.active = true;
    sessions.limit = VALUES_MAX;
    request->subject = prefix;
    ProtobufCService *session = mcp_request_bind(request, &forge__session__descriptor);
    forge__session__list(session, &sessions, on_sessions, request);
}

static bool
is_argument(const struct mcp_prompt *prompt, struct text name)
{
    for (size_t i = 0; prompt && i < MCP_PROMPT_ARGUMENTS && prompt->arguments[i].name; i++)
        if (text_is(name, prompt->arguments[i].name))
            return true;
    return false;
}

void
mcp_method_completion_complete(struct mcp_request *request)
{
    struct completion asked = read_completion(request);
    bool of_prompt = text_is(asked.type, "ref/prompt") &&
                     is_argument(mcp_prompt_find(asked.name), asked.argument);
    bool of_brief = text_is(asked.type, "ref/resource") &&
                    text_is(asked.uri, "context://brief/{project}") &&
                    text_is(asked.argument, "project");
    bool of_entry = text_is(asked.type, "ref/resource") && text_is(asked.uri, "context://{id}") &&
                    text_is(asked.argument, "id");
    if (!asked.value.data || (!of_prompt && !of_brief && !of_entry)) {
        mcp_error(request, JSONRPC_INVALID_PARAMS, TEXT(""),
            "completion/complete: ref must name a prompt of prompts/list or a uriTemplate of "
            "resources/templates/list, and argument one of its arguments with a string value");
        return;
    }
    if (of_brief || text_is(asked.argument, "project")) {
        complete_project(request, asked.value);
    } else if (text_is(asked.argument, "session")) {
        complete_session(request, asked.value);
    } else {
        begin(request);
        end(request, false);
    }
}
