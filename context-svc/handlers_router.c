/* Handlers of the router's lane: point reads, which it answers itself. */
#include "common/base/clock.h"
#include "context-svc/get.h"
#include "context-svc/handlers.h"
#include "context-svc/lanes.h"
#include "context-svc/limits.h"

enum { REPLY_KEPT_BYTES = 256 * 1024 };

static void
count_uses(struct context_router_state *state, const struct context_reading *reading,
    const struct uuid *ids, size_t count)
{
    if (!count)
        return;
    uint64_t principal = context_principal_hash(reading->principal.tenant, reading->principal.name);
    int64_t now_ms = clock_monotonic_ms();
    for (size_t i = 0; i < count; i++) {
        context_usage_count(state->usage, reading->tenant_number, &ids[i], reading->now_ms);
        context_relevance_add_use(state->relevance, principal, &ids[i], now_ms);
    }
}

void
context_on_get(Forge__Context_Service *service, const Forge__GetRequest *input,
    Forge__GetReply_Closure closure, void *closure_data)
{
    (void)service;
    (void)closure;
    struct context_router_state *state = rpc_request_state(closure_data);
    struct context_reading reading;
    if (!context_reading_open(&reading, state->reader, closure_data))
        return;
    struct uuid found[LIMIT_GET_IDS];
    size_t found_count = 0;
    buffer_clear(&state->reply);
    enum status status = context_get_entries(&reading, input, &state->reply, found, &found_count);
    if (context_reading_settle(&reading, closure_data, status)) {
        rpc_request_reply_packed(closure_data, buffer_text(&state->reply));
        count_uses(state, &reading, found, found_count);
    }
    context_reading_close(&reading);
    if (state->reply.capacity > REPLY_KEPT_BYTES)
        buffer_release(&state->reply);
}

void
context_on_count(Forge__Context_Service *service, const Forge__CountRequest *input,
    Forge__CountReply_Closure closure, void *closure_data)
{
    (void)service;
    (void)input;
    struct context_router_state *state = rpc_request_state(closure_data);
    struct context_reading reading;
    if (!context_reading_open(&reading, state->reader, closure_data))
        return;
    Forge__CountReply reply = FORGE__COUNT_REPLY__INIT;
    struct problem reason = {{0}};
    store_reason(state->store, &reason);
    reply.store_bytes = store_size_bytes(state->store);
    reply.store_state = (char *)store_state_name(store_state(state->store));
    reply.store_reason = reason.text;
    reply.relevance =
        context_relevance_score(state->relevance, clock_monotonic_ms(), &reply.relevance_searches);
    if (context_reading_settle(&reading, closure_data, context_get_counts(&reading, &reply)))
        closure(&reply, closure_data);
    context_reading_close(&reading);
}

void
context_on_projects(Forge__Context_Service *service, const Forge__ProjectsRequest *input,
    Forge__ProjectsReply_Closure closure, void *closure_data)
{
    (void)service;
    struct context_router_state *state = rpc_request_state(closure_data);
    struct context_reading reading;
    if (!context_reading_open(&reading, state->reader, closure_data))
        return;
    Forge__ProjectsReply reply = FORGE__PROJECTS_REPLY__INIT;
    if (context_reading_settle(
            &reading, closure_data, context_get_projects(&reading, input, &reply)))
        closure(&reply, closure_data);
    context_reading_close(&reading);
}
