#include "forgectl/bridge/exchange.h"

#include "common/base/clock.h"
#include "forgectl/bridge/deliver.h"
#include "forgectl/bridge/headers.h"

/* A gateway in restart listens again soon, and what never left can be sent again without harm. One
 * that was never there is told sooner. */
enum {
    RESTART_PATIENCE_MS = 15000,
    START_PATIENCE_MS = 3000,
    CONNECT_PAUSE_MS = 200,
    HEADERS_ARENA = 16 << 20,
};

static struct exchange *
take_slot(struct bridge *bridge)
{
    struct exchange *slot = bridge->exchanges;
    while (slot->is_used)
        slot++;
    bridge->exchange_count++;
    *slot =
        (struct exchange){.bridge = bridge, .is_used = true, .started_ms = clock_monotonic_ms()};
    return slot;
}

void
exchange_end(struct exchange *self)
{
    transfers_cancel(self->bridge->transfers, &self->transfer);
    buffer_release(&self->line);
    buffer_release(&self->ids);
    sse_release(&self->sse);
    self->bridge->exchange_count--;
    *self = (struct exchange){0};
}

void
exchange_fail(struct exchange *self, const char *words)
{
    if (self->ids.length > 0)
        bridge_output_words(&self->bridge->output, buffer_text(&self->ids), -32603, words);
    exchange_end(self);
}

/* The session's initialize once more, since the gateway no longer knows the session. */
static void
reopen(struct bridge *bridge)
{
    for (size_t i = 0; i < BRIDGE_EXCHANGES_MAX; i++)
        if (bridge->exchanges[i].is_used && bridge->exchanges[i].role == EXCHANGE_REOPENING)
            return;
    struct text opening = buffer_text(&bridge->session.opening);
    CLEANUP(arena_release) struct arena arena;
    arena_init(&arena, HEADERS_ARENA);
    struct bridge_message message;
    struct problem ignored;
    buffer_clear(&bridge->session.id);
    if (bridge_message_read(opening, &arena, &message, &ignored) == STATUS_OK)
        exchange_begin(bridge, opening, &message, EXCHANGE_REOPENING);
}

static bool
is_session_lost(const struct exchange *self, const struct transfer_answer *answer)
{
    const struct bridge *bridge = self->bridge;
    return answer->status == STATUS_OK && answer->http_status == 404 && !self->is_modern &&
           self->role == EXCHANGE_CLIENT && !self->was_reopened &&
           bridge->session.opening.length > 0 && bridge->exchange_count < BRIDGE_EXCHANGES_MAX;
}

/* The waiting ones go on, under the new session or with an error. */
static void
release_waiting(struct bridge *bridge, bool is_open)
{
    for (size_t i = 0; i < BRIDGE_EXCHANGES_MAX; i++) {
        struct exchange *waiting = &bridge->exchanges[i];
        if (!waiting->is_used || !waiting->waits_for_session)
            continue;
        waiting->waits_for_session = false;
        waiting->was_reopened = true;
        if (is_open)
            exchange_send(waiting);
        else
            exchange_fail(waiting, "the session ended and the gateway opened no new one; restart "
                                   "the client");
    }
}

static void
learn_session(struct exchange *self, const struct transfer *transfer)
{
    struct buffer *id = &self->bridge->session.id;
    buffer_clear(id);
    buffer_add_text(id, text_of(transfer_header(transfer, "Mcp-Session-Id")));
}

/* After our own initialize: say so, then let the others go on. */
static void
end_reopening(struct exchange *self, const struct transfer_answer *answer)
{
    static const char ready[] = "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}";
    struct bridge *bridge = self->bridge;
    bool is_open = answer->status == STATUS_OK && answer->http_status == 200;
    exchange_end(self);
    if (is_open) {
        const struct bridge_message message = {
            .kind = BRIDGE_NOTIFICATION, .method = TEXT("notifications/initialized")};
        exchange_begin(bridge, text_of(ready), &message, EXCHANGE_READY);
    }
    release_waiting(bridge, is_open);
}

static bool
may_send_again(const struct exchange *self, const struct transfer_answer *answer)
{
    int64_t patience = self->bridge->has_answered ? RESTART_PATIENCE_MS : START_PATIENCE_MS;
    return answer->status == STATUS_UNAVAILABLE && !answer->was_sent &&
           clock_monotonic_ms() - self->started_ms < patience;
}

static void
on_done(void *argument, const struct transfer *transfer, const struct transfer_answer *answer)
{
    struct exchange *self = argument;
    self->transfer = NULL;
    self->bridge->has_answered = self->bridge->has_answered || answer->status == STATUS_OK;
    if (may_send_again(self, answer)) {
        self->due_ms = clock_monotonic_ms() + CONNECT_PAUSE_MS;
        return;
    }
    if (is_session_lost(self, answer)) {
        self->waits_for_session = true;
        reopen(self->bridge);
        return;
    }
    bool opens = self->role == EXCHANGE_OPENING || self->role == EXCHANGE_REOPENING;
    if (opens && answer->status == STATUS_OK && answer->http_status == 200)
        learn_session(self, transfer);
    if (answer->status == STATUS_OK)
        deliver_answer(self, answer);
    else
        deliver_silence(self, answer);
    if (self->role == EXCHANGE_REOPENING)
        end_reopening(self, answer);
    else
        exchange_end(self);
}

static void
on_event(void *argument, struct text message)
{
    deliver_event(argument, message);
}

static void
on_stream(void *argument, struct text bytes)
{
    struct exchange *self = argument;
    sse_feed(&self->sse, bytes, on_event, self);
}

void
exchange_send(struct exchange *self)
{
    struct bridge *bridge = self->bridge;
    CLEANUP(arena_release) struct arena arena;
    arena_init(&arena, HEADERS_ARENA);
    struct bridge_message message;
    struct problem ignored;
    /* The line was read before; only its parts are wanted again. */
    if (bridge_message_read(buffer_text(&self->line), &arena, &message, &ignored) != STATUS_OK)
        return;
    const char *lines[BRIDGE_HEADERS_MAX];
    size_t count = bridge_headers(&message, buffer_text(&bridge->session.id),
        buffer_text(&bridge->session.version), &arena, lines);
    const struct transfer_request request = {
        .method = "POST",
        .url = bridge->options->url,
        .token = bridge->options->token,
        .headers = lines,
        .header_count = count,
        .body = buffer_text(&self->line),
        .timeout_ms = bridge->options->timeout_ms,
    };
    const struct transfer_hooks hooks = {
        .on_stream = on_stream, .on_done = on_done, .argument = self};
    self->transfer = transfers_start(bridge->transfers, &request, &hooks);
}

void
exchange_begin(struct bridge *bridge, struct text line, const struct bridge_message *message,
    enum exchange_role role)
{
    struct exchange *self = take_slot(bridge);
    self->role = role;
    self->kind = message->kind;
    self->is_modern = message->claim.data != NULL;
    self->is_listen = text_is(message->method, "subscriptions/listen");
    buffer_add_text(&self->line, line);
    bridge_message_ids(line, message, &self->ids);
    exchange_send(self);
}
