/* Handlers of the writer's lane for work sessions.
 *
 * Their stored replies hold handle and ids alone: a repeated call gets the session as it is now, so
 * no text of an entry lies in a dedupe record.
 */
#include "common/process/log.h"
#include "context-svc/brief.h"
#include "context-svc/handlers.h"
#include "context-svc/lanes.h"
#include "context-svc/session.h"

/* What is kept of a session in a stored reply. */
static void
strip(const Forge__WorkSession *session, Forge__WorkSession *bare)
{
    forge__work_session__init(bare);
    bare->handle = session->handle;
    bare->entry_id = session->entry_id;
}

/* The session of a stored reply, as it is now. */
static enum status
restore(struct context_write *write, const Forge__WorkSession *bare, Forge__WorkSession **session)
{
    if (!bare) {
        problem_set(&write->problem, "the stored reply is damaged");
        return STATUS_DATA_LOSS;
    }
    return context_session_load(write, text_of(bare->handle), session);
}

static void
reply_packed(
    struct context_write *write, struct rpc_request *request, const ProtobufCMessage *reply)
{
    struct buffer *buffer = context_writer_buffer(write->writer);
    buffer_clear(buffer);
    size_t size = protobuf_c_message_get_packed_size(reply);
    protobuf_c_message_pack(reply, (uint8_t *)buffer_reserve(buffer, size));
    rpc_request_reply_packed(request, text_from(buffer->data, size));
}

static void *
unpack(
    struct context_write *write, const ProtobufCMessageDescriptor *descriptor, struct text packed)
{
    return protobuf_c_message_unpack(
        descriptor, &write->arena->allocator, packed.length, (const uint8_t *)packed.data);
}

/* The brief is made of the committed view, so it is not part of what is written; damage that it
 * meets makes it shorter and does not keep the session from its start. */
static void
add_brief(struct context_write *write, struct context_reader *reader, uint32_t max_bytes,
    const Forge__WorkSession *session, Forge__BriefReply *brief)
{
    struct context_reading reading;
    context_reading_begin(&reading, reader, context_writer_view(write->writer), &write->principal,
        text_of(session->project));
    Forge__BriefRequest request = FORGE__BRIEF_REQUEST__INIT;
    request.task = session->task;
    request.project = session->project;
    request.branch = session->branch;
    request.max_bytes = max_bytes;
    if (context_brief_make(&reading, &request, brief) != STATUS_OK)
        log_error("Brief of a new session is incomplete reason=\"%s\"", reading.problem.text);
}

static void
replay_start(struct context_write *write, struct rpc_request *request, struct text stored)
{
    struct context_writer_state *state = rpc_request_state(request);
    Forge__SessionStartReply *reply =
        unpack(write, &forge__session_start_reply__descriptor, stored);
    Forge__WorkSession *session = NULL;
    Forge__BriefReply brief = FORGE__BRIEF_REPLY__INIT;
    enum status status = restore(write, reply ? reply->session : NULL, &session);
    if (status != STATUS_OK) {
        rpc_request_fail(request, status, "%s", write->problem.text);
        return;
    }
    add_brief(write, state->reader, 0, session, &brief);
    reply->session = session;
    reply->brief = &brief;
    reply_packed(write, request, &reply->base);
}

void
context_session_on_start(Forge__Session_Service *service, const Forge__SessionStartRequest *input,
    Forge__SessionStartReply_Closure closure, void *closure_data)
{
    (void)service;
    struct context_writer_state *state = rpc_request_state(closure_data);
    struct context_write write;
    if (!context_write_open(&write, state->writer, closure_data, replay_start))
        return;
    Forge__WorkSession *session = NULL;
    bool resumed = false;
    Forge__BriefReply brief = FORGE__BRIEF_REPLY__INIT;
    enum status status = context_session_start(&write, input, &session, &resumed);
    Forge__WorkSession bare;
    Forge__SessionStartReply stored = FORGE__SESSION_START_REPLY__INIT;
    if (status == STATUS_OK) {
        strip(session, &bare);
        stored.session = &bare;
        stored.resumed = resumed;
        add_brief(&write, state->reader, input->brief_max_bytes, session, &brief);
    }
    if (!context_write_settle(&write, closure_data, status, &stored.base))
        return;
    Forge__SessionStartReply reply = FORGE__SESSION_START_REPLY__INIT;
    reply.session = session;
    reply.resumed = resumed;
    reply.brief = &brief;
    closure(&reply, closure_data);
}

static void
replay_checkpoint(struct context_write *write, struct rpc_request *request, struct text stored)
{
    Forge__SessionCheckpointReply *reply =
        unpack(write, &forge__session_checkpoint_reply__descriptor, stored);
    Forge__WorkSession *session = NULL;
    enum status status = restore(write, reply ? reply->session : NULL, &session);
    if (status != STATUS_OK) {
        rpc_request_fail(request, status, "%s", write->problem.text);
        return;
    }
    reply->session = session;
    reply_packed(write, request, &reply->base);
}

void
context_session_on_checkpoint(Forge__Session_Service *service,
    const Forge__SessionCheckpointRequest *input, Forge__SessionCheckpointReply_Closure closure,
    void *closure_data)
{
    (void)service;
    struct context_writer_state *state = rpc_request_state(closure_data);
    struct context_write write;
    if (!context_write_open(&write, state->writer, closure_data, replay_checkpoint))
        return;
    Forge__WorkSession *session = NULL;
    enum status status = context_session_checkpoint(&write, input, &session);
    Forge__WorkSession bare;
    Forge__SessionCheckpointReply reply = FORGE__SESSION_CHECKPOINT_REPLY__INIT;
    if (status == STATUS_OK) {
        strip(session, &bare);
        reply.session = &bare;
        reply.sequence = write.sequence;
    }
    if (!context_write_settle(&write, closure_data, status, &reply.base))
        return;
    reply.session = session;
    closure(&reply, closure_data);
}

static void
replay_end(struct context_write *write, struct rpc_request *request, struct text stored)
{
    Forge__SessionEndReply *reply = unpack(write, &forge__session_end_reply__descriptor, stored);
    Forge__WorkSession *session = NULL;
    enum status status = restore(write, reply ? reply->session : NULL, &session);
    if (status != STATUS_OK) {
        rpc_request_fail(request, status, "%s", write->problem.text);
        return;
    }
    reply->session = session;
    reply_packed(write, request, &reply->base);
}

void
context_session_on_end(Forge__Session_Service *service, const Forge__SessionEndRequest *input,
    Forge__SessionEndReply_Closure closure, void *closure_data)
{
    (void)service;
    struct context_writer_state *state = rpc_request_state(closure_data);
    struct context_write write;
    if (!context_write_open(&write, state->writer, closure_data, replay_end))
        return;
    Forge__SessionEndReply reply = FORGE__SESSION_END_REPLY__INIT;
    enum status status = context_session_end(&write, input, &reply);
    Forge__WorkSession bare;
    Forge__WorkSession *session = reply.session;
    if (status == STATUS_OK) {
        strip(session, &bare);
        reply.session = &bare;
    }
    if (!context_write_settle(&write, closure_data, status, &reply.base))
        return;
    reply.session = session;
    closure(&reply, closure_data);
}
