#include "forgectl/bridge/bridge.h"

#include "common/base/clock.h"
#include "forgectl/bridge/exchange.h"
#include "forgectl/bridge/input.h"

enum {
    PARSE_ERROR = -32700,
    INVALID_REQUEST = -32600,
    IDLE_MS = 60000,
    DUE_MS = 50,
    CLOSE_MS = 2000,
    LINE_ARENA = 16 << 20,
    SLOTS_KEPT = 2, /* for opening a session again */
};

static bool
is_opening(const struct bridge *self)
{
    for (size_t i = 0; i < BRIDGE_EXCHANGES_MAX; i++)
        if (self->exchanges[i].is_used && self->exchanges[i].role == EXCHANGE_OPENING)
            return true;
    return false;
}

/* What follows an initialize needs to know its session. */
static bool
may_take(const struct bridge *self)
{
    return self->exchange_count + SLOTS_KEPT < BRIDGE_EXCHANGES_MAX && !is_opening(self);
}

static struct exchange *
find_request(struct bridge *self, struct text id)
{
    for (size_t i = 0; i < BRIDGE_EXCHANGES_MAX; i++) {
        struct exchange *exchange = &self->exchanges[i];
        if (exchange->is_used && exchange->ids.length > 0 &&
            text_equals(buffer_text(&exchange->ids), id))
            return exchange;
    }
    return NULL;
}

/* True when the cancellation ends here: over HTTP a modern request is cancelled by going away. */
static bool
cancel(struct bridge *self, const struct bridge_message *message)
{
    struct exchange *exchange =
        message->cancelled.data != NULL ? find_request(self, message->cancelled) : NULL;
    if (exchange == NULL)
        return message->claim.data != NULL;
    if (exchange->is_modern) {
        exchange_end(exchange);
        return true;
    }
    exchange->is_cancelled = true;
    return false;
}

static void
take_line(struct bridge *self, struct text line)
{
    CLEANUP(arena_release) struct arena arena;
    arena_init(&arena, LINE_ARENA);
    struct bridge_message message;
    struct problem problem;
    if (bridge_message_read(line, &arena, &message, &problem) != STATUS_OK) {
        bridge_output_words(&self->output, TEXT("null"), PARSE_ERROR, problem.text);
        return;
    }
    if (text_is(message.method, "notifications/cancelled") && cancel(self, &message))
        return;
    bool opens = message.kind == BRIDGE_REQUEST && message.claim.data == NULL &&
                 text_is(message.method, "initialize");
    if (opens) {
        buffer_clear(&self->session.id);
        buffer_clear(&self->session.version);
        buffer_clear(&self->session.opening);
        buffer_add_text(&self->session.opening, line);
    }
    exchange_begin(self, line, &message, opens ? EXCHANGE_OPENING : EXCHANGE_CLIENT);
}

/* False when the input has nothing more for now. */
static bool
take_next(struct bridge *self, struct bridge_input *input)
{
    struct text line;
    bool is_too_long = false;
    if (!bridge_input_next(input, &line, &is_too_long))
        return false;
    if (is_too_long)
        bridge_output_words(
            &self->output, TEXT("null"), INVALID_REQUEST, "the line is longer than 4 MiB");
    else
        take_line(self, line);
    return true;
}

static bool
has_due(const struct bridge *self)
{
    for (size_t i = 0; i < BRIDGE_EXCHANGES_MAX; i++)
        if (self->exchanges[i].is_used && self->exchanges[i].due_ms > 0)
            return true;
    return false;
}

static void
send_due(struct bridge *self)
{
    int64_t now = clock_monotonic_ms();
    for (size_t i = 0; i < BRIDGE_EXCHANGES_MAX; i++) {
        struct exchange *exchange = &self->exchanges[i];
        if (!exchange->is_used || exchange->due_ms == 0 || exchange->due_ms > now)
            continue;
        exchange->due_ms = 0;
        exchange_send(exchange);
    }
}

/* Streams without end must not keep a bridge whose client is gone. */
static void
end_listeners(struct bridge *self)
{
    for (size_t i = 0; i < BRIDGE_EXCHANGES_MAX; i++)
        if (self->exchanges[i].is_used && self->exchanges[i].is_listen)
            exchange_end(&self->exchanges[i]);
}

/* False when all is done. */
static bool
turn(struct bridge *self, struct bridge_input *input)
{
    bridge_input_fill(input);
    bool has_line = true;
    while (has_line && may_take(self) && !self->output.has_failed)
        has_line = take_next(self, input);
    if (input->is_closed && !has_line) {
        end_listeners(self);
        if (self->exchange_count == 0)
            return false;
    }
    send_due(self);
    int fds[2] = {self->options->wake_fd, input->fd};
    bool waits_for_input = may_take(self) && !input->is_closed;
    transfers_turn(self->transfers, fds, waits_for_input ? 2 : 1, has_due(self) ? DUE_MS : IDLE_MS);
    return true;
}

static void
on_closed(void *argument, const struct transfer *transfer, const struct transfer_answer *answer)
{
    (void)transfer;
    (void)answer;
    *(bool *)argument = true;
}

/* A session that nobody will use again is given back; whether it works is of no interest. */
static void
close_session(struct bridge *self)
{
    if (self->session.id.length == 0)
        return;
    CLEANUP(buffer_release) struct buffer header = {0};
    buffer_format(&header, "Mcp-Session-Id: %.*s", TEXT_FORMAT(buffer_text(&self->session.id)));
    const char *lines[] = {buffer_string(&header)};
    const struct transfer_request request = {
        .method = "DELETE",
        .url = self->options->url,
        .token = self->options->token,
        .headers = lines,
        .header_count = 1,
        .timeout_ms = CLOSE_MS,
    };
    bool is_closed = false;
    const struct transfer_hooks hooks = {.on_done = on_closed, .argument = &is_closed};
    (void)transfers_start(self->transfers, &request, &hooks);
    while (!is_closed && !self->options->must_stop(self->options->argument))
        transfers_turn(self->transfers, &self->options->wake_fd, 1, CLOSE_MS);
}

void
bridge_run(const struct bridge_options *options)
{
    struct bridge self = {.options = options, .output = {.fd = options->out_fd}};
    CLEANUP(bridge_input_release) struct bridge_input input = {.fd = options->in_fd};
    self.transfers = transfers_create();
    bool goes_on = true;
    while (goes_on && !self.output.has_failed && !options->must_stop(options->argument))
        goes_on = turn(&self, &input);
    for (size_t i = 0; i < BRIDGE_EXCHANGES_MAX; i++)
        if (self.exchanges[i].is_used)
            exchange_end(&self.exchanges[i]);
    if (!goes_on)
        close_session(&self);
    transfers_destroy(&self.transfers);
    buffer_release(&self.session.id);
    buffer_release(&self.session.version);
    buffer_release(&self.session.opening);
}
