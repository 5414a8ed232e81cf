/* Handlers of the writer's lane for entries, and its own work. */
#include "context-svc/forget.h"
#include "context-svc/handlers.h"
#include "context-svc/lanes.h"
#include "context-svc/prove.h"
#include "context-svc/save.h"
#include "context-svc/update.h"

void
context_on_save(Forge__Context_Service *service, const Forge__SaveRequest *input,
    Forge__SaveReply_Closure closure, void *closure_data)
{
    (void)service;
    struct context_writer_state *state = rpc_request_state(closure_data);
    struct context_write write;
    if (!context_write_open(&write, state->writer, closure_data, NULL))
        return;
    Forge__SaveReply reply = FORGE__SAVE_REPLY__INIT;
    enum status status = context_save_entry(&write, input, NULL, &reply);
    if (!context_write_settle(&write, closure_data, status, &reply.base))
        return;
    metrics_add(state->saves, 1);
    closure(&reply, closure_data);
}

/* An update shows that the entry was of use. */
static void
note_used(
    struct context_writer_state *state, const struct context_write *write, ProtobufCBinaryData id)
{
    struct note_used used = {.kind = NOTE_USED,
        .principal = context_principal_hash(write->principal.tenant, write->principal.name)};
    memcpy(used.id.bytes, id.data, UUID_SIZE);
    context_writer_note(state->writer, &used, sizeof used);
}

void
context_on_update(Forge__Context_Service *service, const Forge__UpdateRequest *input,
    Forge__UpdateReply_Closure closure, void *closure_data)
{
    (void)service;
    struct context_writer_state *state = rpc_request_state(closure_data);
    struct context_write write;
    if (!context_write_open(&write, state->writer, closure_data, NULL))
        return;
    Forge__UpdateReply reply = FORGE__UPDATE_REPLY__INIT;
    enum status status = context_update_entry(&write, input, &reply);
    if (!context_write_settle(&write, closure_data, status, &reply.base))
        return;
    note_used(state, &write, reply.id);
    closure(&reply, closure_data);
}

void
context_on_forget(Forge__Context_Service *service, const Forge__ForgetRequest *input,
    Forge__ForgetReply_Closure closure, void *closure_data)
{
    (void)service;
    struct context_writer_state *state = rpc_request_state(closure_data);
    struct context_write write;
    if (!context_write_open(&write, state->writer, closure_data, NULL))
        return;
    Forge__ForgetReply reply = FORGE__FORGET_REPLY__INIT;
    enum status status = context_forget_entries(&write, input, &reply);
    if (context_write_settle(&write, closure_data, status, input->dry_run ? NULL : &reply.base))
        closure(&reply, closure_data);
}

void
context_health_on_prove(Forge__Health_Service *service, const Forge__ProveRequest *input,
    Forge__ProveReply_Closure closure, void *closure_data)
{
    (void)service;
    (void)input;
    struct context_writer_state *state = rpc_request_state(closure_data);
    Forge__Proof proofs[PROVE_PROOFS];
    Forge__Proof *list[PROVE_PROOFS];
    for (size_t i = 0; i < PROVE_PROOFS; i++)
        list[i] = &proofs[i];
    context_prove_store(state->writer, state->reader, proofs);
    Forge__ProveReply reply = FORGE__PROVE_REPLY__INIT;
    reply.n_proofs = PROVE_PROOFS;
    reply.proofs = list;
    closure(&reply, closure_data);
}
