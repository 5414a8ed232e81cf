/* Handlers of forge.Metrics and forge.Health. */
#include <stdlib.h>

#include "common/base/clock.h"
#include "common/base/memory.h"
#include "metrics-svc/exposition.h"
#include "metrics-svc/lanes.h"
#include "metrics-svc/push.h"
#include "metrics-svc/query.h"

enum { GATHER_MS = 200, QUERY_ARENA_BYTES = 64 << 20 };

static const char push_method[] = "forge.Metrics/Push";

static int
on_gathered(zloop_t *loop, int timer, void *argument)
{
    (void)loop;
    (void)timer;
    struct router_state *state = argument;
    state->gathering = false;
    rpc_server_resume(state->server, push_method, LANE_WRITER);
    return 0;
}

/* The pushes that are to be stored come from all programs within a second; those of a short while
 * go to the writer together, for one sync. */
static void
gather(struct router_state *state, struct rpc_request *request)
{
    rpc_request_park(request);
    if (state->gathering)
        return;
    state->gathering = true;
    zloop_timer(rpc_server_loop(state->server), GATHER_MS, 1, on_gathered, state);
}

static void
take_push(
    const Forge__PushRequest *input, Forge__PushReply_Closure closure, struct rpc_request *request)
{
    struct router_state *state = rpc_request_state(request);
    const struct presence_now now = {clock_wall_ms(), clock_monotonic_ms()};
    struct problem problem = {{0}};
    bool row_due = false;
    enum status status = push_check(input, &problem);
    if (status == STATUS_OK)
        status = presence_take(
            state->presence, input, rpc_request_body(request), &now, &row_due, &problem);
    metrics_add(status == STATUS_OK ? state->taken : state->refused, 1);
    if (status != STATUS_OK) {
        rpc_request_fail(request, status, "%s", problem.text);
    } else if (row_due) {
        gather(state, request);
    } else {
        Forge__PushReply reply = FORGE__PUSH_REPLY__INIT;
        closure(&reply, request);
    }
}

static void
store_push(
    const Forge__PushRequest *input, Forge__PushReply_Closure closure, struct rpc_request *request)
{
    struct writer_state *state = rpc_request_state(request);
    struct problem problem = {{0}};
    uint64_t sequence = 0;
    enum status status =
        metrics_writer_push(state->writer, input, clock_wall_ms(), &sequence, &problem);
    if (status != STATUS_OK) {
        rpc_request_set_outcome(request, OUTCOME_NOT_COMMITTED, 0);
        rpc_request_fail(request, status, "%s", problem.text);
        return;
    }
    uint64_t series = metrics_writer_series(state->writer);
    if (series != state->noted_series)
        rpc_worker_note(state->worker, text_from(&series, sizeof series));
    state->noted_series = series;
    Forge__PushReply reply = FORGE__PUSH_REPLY__INIT;
    rpc_request_stage(request, sequence);
    closure(&reply, request);
}

void
metrics_on_push(Forge__Metrics_Service *service, const Forge__PushRequest *input,
    Forge__PushReply_Closure closure, void *closure_data)
{
    (void)service;
    if (rpc_request_lane(closure_data) == LANE_WRITER)
        store_push(input, closure, closure_data);
    else
        take_push(input, closure, closure_data);
}

static enum status
answer_query(struct reader_state *state, const Forge__QueryRequest *input,
    Forge__QueryReply_Closure closure, struct rpc_request *request, struct problem *problem)
{
    struct store_snapshot *snapshot = store_snapshot_create(state->store);
    if (!snapshot) {
        store_reason(state->store, problem);
        return STATUS_UNAVAILABLE;
    }
    const struct query_times times = {clock_wall_ms(), rpc_request_deadline_ms(request)};
    struct arena arena;
    arena_init(&arena, QUERY_ARENA_BYTES);
    Forge__QueryReply reply = FORGE__QUERY_REPLY__INIT;
    enum status status = query_run(snapshot, input, &times, &arena, &reply, problem);
    /* The snapshot goes before the answer, so that a recovery need not wait for the packing. */
    store_snapshot_destroy(&snapshot);
    if (status == STATUS_OK)
        closure(&reply, request);
    arena_release(&arena);
    return status;
}

void
metrics_on_query(Forge__Metrics_Service *service, const Forge__QueryRequest *input,
    Forge__QueryReply_Closure closure, void *closure_data)
{
    (void)service;
    struct reader_state *state = rpc_request_state(closure_data);
    int64_t started_us = clock_monotonic_us();
    struct problem problem = {{0}};
    enum status status = answer_query(state, input, closure, closure_data, &problem);
    if (status != STATUS_OK)
        rpc_request_fail(closure_data, status, "%s", problem.text);
    metrics_observe(state->query_seconds, (double)(clock_monotonic_us() - started_us) / 1e6);
}

void
metrics_on_expose(Forge__Metrics_Service *service, const Forge__ExposeRequest *input,
    Forge__ExposeReply_Closure closure, void *closure_data)
{
    (void)service;
    (void)input;
    struct router_state *state = rpc_request_state(closure_data);
    CLEANUP(buffer_release) struct buffer text = {0};
    enum status status =
        exposition_render(state->presence, clock_monotonic_ms(), &state->arena, &text);
    arena_release(&state->arena);
    if (status != STATUS_OK) {
        rpc_request_fail(closure_data, status, "the numbers of all programs do not fit");
        return;
    }
    Forge__ExposeReply reply = FORGE__EXPOSE_REPLY__INIT;
    reply.text = (ProtobufCBinaryData){text.length, (uint8_t *)text.data};
    closure(&reply, closure_data);
}

static void
describe(const struct presence_program *program, Forge__ProgramStatus *status)
{
    forge__program_status__init(status);
    status->program = program->program;
    status->instance = program->instance;
    status->host = program->host;
    status->version = program->version;
    status->started_at_ms = program->started_at_ms;
    status->last_push_ms = program->pushed_at_ms;
    status->rss_bytes = program->resident_bytes;
    status->cpu_ratio = presence_cpu_ratio(program);
}

void
metrics_on_status(Forge__Metrics_Service *service, const Forge__StatusRequest *input,
    Forge__StatusReply_Closure closure, void *closure_data)
{
    (void)service;
    (void)input;
    struct router_state *state = rpc_request_state(closure_data);
    size_t count = presence_count(state->presence);
    CLEANUP(memory_free)
    Forge__ProgramStatus *programs = memory_array(count, sizeof *programs);
    Forge__ProgramStatus *list[PRESENCE_PROGRAMS_MAX];
    for (size_t i = 0; i < count; i++) {
        describe(presence_at(state->presence, i), &programs[i]);
        list[i] = &programs[i];
    }
    struct problem reason = {{0}};
    store_reason(state->store, &reason);
    Forge__StatusReply reply = FORGE__STATUS_REPLY__INIT;
    reply.n_programs = count;
    reply.programs = list;
    reply.series = state->known_series;
    reply.store_bytes = store_size_bytes(state->store);
    reply.store_state = (char *)store_state_name(store_state(state->store));
    reply.store_reason = reason.text;
    closure(&reply, closure_data);
}

/* The server answers pings before they reach a handler; the service's struct still needs one. */
void
metrics_on_ping(Forge__Health_Service *service, const Forge__PingRequest *input,
    Forge__PingReply_Closure closure, void *closure_data)
{
    (void)service;
    (void)input;
    Forge__PingReply reply = FORGE__PING_REPLY__INIT;
    closure(&reply, closure_data);
}

void
metrics_on_prove(Forge__Health_Service *service, const Forge__ProveRequest *input,
    Forge__ProveReply_Closure closure, void *closure_data)
{
    (void)service;
    (void)input;
    struct writer_state *state = rpc_request_state(closure_data);
    struct metrics_proof proofs[METRICS_PROOFS];
    metrics_writer_prove(state->writer, proofs);
    Forge__Proof messages[METRICS_PROOFS];
    Forge__Proof *list[METRICS_PROOFS];
    for (size_t i = 0; i < METRICS_PROOFS; i++) {
        forge__proof__init(&messages[i]);
        messages[i].name = (char *)proofs[i].name;
        messages[i].good = proofs[i].good;
        messages[i].reason = proofs[i].reason.text;
        messages[i].took_us = proofs[i].took_us;
        list[i] = &messages[i];
    }
    Forge__ProveReply reply = FORGE__PROVE_REPLY__INIT;
    reply.n_proofs = METRICS_PROOFS;
    reply.proofs = list;
    closure(&reply, closure_data);
}
