/* What comes into a server: messages to calls, calls through the checks; see server_parts.h. */
#include <stdlib.h>

#include "health.pb-c.h"

#include "common/base/clock.h"
#include "common/base/memory.h"
#include "common/process/log.h"
#include "common/process/program.h"
#include "common/rpc/server_parts.h"

enum { COMPLAIN_MS = 1000, PARKED_MAX = 4096 };

void
rpc_server_complain(struct rpc_server *self, const char *fault)
{
    self->counts.dropped_messages++;
    self->complained_count++;
    int64_t now_ms = clock_monotonic_ms();
    if (self->complained_ms && now_ms - self->complained_ms < COMPLAIN_MS)
        return;
    log_warn("A message was dropped reason=\"%s\" endpoint=%s since_last_line=%llu", fault,
        self->endpoint, (unsigned long long)self->complained_count);
    self->complained_ms = now_ms;
    self->complained_count = 0;
}

/* What a check found; status OK: nothing. */
struct refusal {
    enum status status;
    const char *detail;
};

static struct refusal
check_header(const struct rpc_request_header *header)
{
    const char *problem = rpc_header_problem(header);
    if (problem)
        return (struct refusal){STATUS_INVALID_ARGUMENT, problem};
    if (!header->principal.name.length || !header->principal.tenant.length)
        return (struct refusal){STATUS_UNAUTHENTICATED, "principal and tenant are needed"};
    if (!header->remaining_ms)
        return (struct refusal){STATUS_INVALID_ARGUMENT, "no time is left"};
    return (struct refusal){STATUS_OK, NULL};
}

/* Sheddable calls go when half of the room is taken; probes and critical ones find some when the
 * others find none. */
static uint32_t
room_for(const struct rpc_lane *lane, enum rpc_criticality criticality)
{
    if (criticality == CRITICALITY_SHEDDABLE)
        return (lane->queue_max + 1) / 2;
    if (criticality == CRITICALITY_NORMAL)
        return lane->queue_max;
    return lane->queue_max + lane->queue_max / 8 + 1;
}

static struct refusal
check_room(const struct rpc_server *self, const struct rpc_method *method,
    const struct rpc_request_header *header)
{
    const struct rpc_lane_state *lane = &self->lanes[method->lane];
    if (self->counts.held_bytes > self->held_max_bytes)
        return (struct refusal){STATUS_RESOURCE_EXHAUSTED, "too many bytes are queued"};
    if (method->lane != LANE_ROUTER && lane->queued >= room_for(&lane->lane, header->criticality))
        return (struct refusal){STATUS_RESOURCE_EXHAUSTED, "too many calls are queued"};
    if (self->counts.parked >= PARKED_MAX)
        return (struct refusal){STATUS_RESOURCE_EXHAUSTED, "too many calls are parked"};
    return (struct refusal){STATUS_OK, NULL};
}

static struct refusal
check_call(const struct rpc_server *self, const struct rpc_method *method,
    const struct rpc_request_header *header)
{
    struct refusal refusal = check_header(header);
    if (refusal.status != STATUS_OK)
        return refusal;
    if (!method)
        return (struct refusal){STATUS_UNIMPLEMENTED, "this service has no such method"};
    if (!(header->principal.roles & method->roles))
        return (struct refusal){STATUS_PERMISSION_DENIED, "the principal's roles do not allow it"};
    if (!method->service)
        return refusal; /* Ping is answered also when draining and when full */
    if (self->draining)
        return (struct refusal){STATUS_UNAVAILABLE, "the service is draining"};
    return check_room(self, method, header);
}

static void
refuse(struct rpc_server *self, struct rpc_caller *caller, const struct rpc_method *method,
    uint64_t call_id, struct refusal refusal)
{
    bool writes = method && self->lanes[method->lane].lane.commit;
    struct rpc_reply_header header = {
        .call_id = call_id,
        .reply = {.status = refusal.status,
            .detail = text_of(refusal.detail),
            .served_by = text_of(self->instance),
            .outcome = writes ? OUTCOME_NOT_COMMITTED : OUTCOME_NONE},
    };
    self->counts.refused++;
    rpc_callers_reply(self->callers, caller, &header, NULL);
}

static void
answer_ping(struct rpc_server *self, struct rpc_request *request)
{
    Forge__PingReply ping = FORGE__PING_REPLY__INIT;
    char version[64];
    snprintf(version, sizeof version, "%s", program_version());
    ping.instance = self->instance;
    ping.version = version;
    ping.started_at_ms = (uint64_t)self->started_at_ms;
    ping.draining = self->draining;
    request->started_us = clock_monotonic_us();
    struct buffer packed = {0};
    size_t size = forge__ping_reply__get_packed_size(&ping);
    forge__ping_reply__pack(&ping, (uint8_t *)buffer_reserve(&packed, size));
    rpc_request_reply_packed(request, text_from(packed.data, size));
    buffer_release(&packed);
    rpc_server_finish(self, request);
}

static void
take_call(struct rpc_server *self, struct rpc_caller *caller, struct rpc_inbound *inbound,
    struct text header_bytes, struct text body)
{
    struct rpc_request_header header;
    bool readable = rpc_header_read_request(header_bytes, &header);
    if (!readable) {
        rpc_server_complain(self, "a call's header cannot be read");
        refuse(self, caller, NULL, header.call_id,
            (struct refusal){STATUS_INVALID_ARGUMENT, "the call's header cannot be read"});
        return;
    }
    struct rpc_method *method = rpc_methods_find(self->methods, header.method);
    struct refusal refusal = check_call(self, method, &header);
    if (refusal.status != STATUS_OK || !method) {
        refuse(self, caller, method, header.call_id, refusal);
        return;
    }
    struct rpc_request *request = rpc_server_open(self, caller, inbound);
    request->method = method;
    request->header = header;
    request->body = body;
    request->received_us = clock_monotonic_us();
    uint32_t remaining_ms =
        header.remaining_ms < RPC_REMAINING_MAX_MS ? header.remaining_ms : RPC_REMAINING_MAX_MS;
    request->deadline_ms = request->received_us / 1000 + remaining_ms;
    if (!method->service) {
        answer_ping(self, request);
        return;
    }
    self->counts.calls++;
    rpc_server_start(self, request, method->lane);
}

static void
take_cancel(struct rpc_server *self, struct rpc_caller *caller, uint64_t call_id)
{
    struct rpc_request *request = TAILQ_FIRST(&caller->requests);
    while (request && request->header.call_id != call_id)
        request = TAILQ_NEXT(request, of_caller);
    if (!request || request->place == RPC_PLACE_RUNNING)
        return;
    self->counts.cancelled++;
    rpc_server_end_waiting(self, request, STATUS_CANCELLED, "the caller cancelled it");
}

/* The caller left: nobody waits for what waits here. */
static void
take_goodbye(struct rpc_server *self, struct rpc_caller *caller)
{
    struct rpc_request *request = TAILQ_FIRST(&caller->requests);
    while (request) {
        struct rpc_request *next = TAILQ_NEXT(request, of_caller);
        if (rpc_server_withdraw(self, request)) {
            self->counts.cancelled++;
            rpc_server_forget(self, request);
        }
        request = next;
    }
}

/* Requests borrow from the message, so it moves to a place that stays, and is read there: moving
 * a small one changes where its bytes are. */
static void
take_requests(struct rpc_server *self, struct rpc_caller *caller, zmq_msg_t *message)
{
    struct rpc_inbound *inbound = memory_new(sizeof *inbound);
    zmq_msg_init(&inbound->message);
    zmq_msg_move(&inbound->message, message);
    inbound->size = zmq_msg_size(&inbound->message);
    inbound->users = 1;
    self->counts.held_bytes += inbound->size;
    struct rpc_wire wire;
    struct text header;
    struct text body;
    if (rpc_wire_open(&wire, zmq_msg_data(&inbound->message), inbound->size) == RPC_WIRE_GOOD)
        while (rpc_wire_next(&wire, &header, &body))
            take_call(self, caller, inbound, header, body);
    rpc_server_release(self, inbound);
}

void
rpc_server_take(
    struct rpc_server *self, const void *routing_id, size_t routing_size, zmq_msg_t *message)
{
    struct rpc_wire wire;
    enum rpc_wire_fault fault = rpc_wire_open(&wire, zmq_msg_data(message), zmq_msg_size(message));
    struct rpc_caller *caller =
        rpc_callers_find(self->callers, routing_id, routing_size, clock_monotonic_ms());
    if (!caller) {
        rpc_server_complain(self, "its sender chose its own routing id");
        return;
    }
    if (fault != RPC_WIRE_GOOD) {
        rpc_server_complain(self, rpc_wire_fault_name(fault));
        if (fault == RPC_WIRE_UNKNOWN_VERSION)
            rpc_callers_goodbye(self->callers, caller);
        return;
    }
    struct text header;
    struct text body;
    switch (wire.kind) {
    case RPC_WIRE_REQUEST: take_requests(self, caller, message); break;
    case RPC_WIRE_CANCEL:
        while (rpc_wire_next(&wire, &header, &body))
            take_cancel(self, caller, rpc_wire_cancelled_id(header));
        break;
    case RPC_WIRE_GOODBYE: take_goodbye(self, caller); break;
    case RPC_WIRE_REPLY: rpc_server_complain(self, "a reply came to a server"); break;
    }
}
