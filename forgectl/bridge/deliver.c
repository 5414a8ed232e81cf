#include "forgectl/bridge/deliver.h"

#include <string.h>

#include "forgectl/cli/view.h"

enum { INTERNAL_ERROR = -32603, WORDS_MAX = 400, WORDS_ARENA = 64 << 10 };

static bool
speaks_to_client(const struct exchange *self)
{
    return self->role == EXCHANGE_CLIENT || self->role == EXCHANGE_OPENING;
}

static void
note(const struct exchange *self, const char *words)
{
    FILE *err = self->bridge->options->err;
    if (err == NULL)
        return;
    (void)fprintf(err, "forgectl mcp stdio: %s\n", words);
    (void)fflush(err);
}

static void
fail(struct exchange *self, const char *words)
{
    if (self->ids.length > 0 && speaks_to_client(self))
        bridge_output_words(&self->bridge->output, buffer_text(&self->ids), INTERNAL_ERROR, words);
    else
        note(self, words);
}

/* What initialize answered decides over the headers of all that follows. */
static void
learn_version(struct exchange *self, struct text message)
{
    if (self->role != EXCHANGE_OPENING && self->role != EXCHANGE_REOPENING)
        return;
    CLEANUP(arena_release) struct arena arena;
    arena_init(&arena, WORDS_ARENA);
    struct text version = view_string(view_member(message, "result.protocolVersion"), &arena);
    buffer_clear(&self->bridge->session.version);
    buffer_add_text(&self->bridge->session.version, version);
}

void
deliver_event(struct exchange *self, struct text message)
{
    if (view_type(message) != JSON_OBJECT && view_type(message) != JSON_ARRAY)
        return;
    if (text_equals(view_member(message, "id"), buffer_text(&self->ids)) &&
        view_member(message, "method").data == NULL) {
        self->is_answered = true;
        learn_version(self, message);
    }
    if (speaks_to_client(self))
        bridge_output_message(&self->bridge->output, message);
}

/* A stream that ends without its answer. A listener is told in the way of stdio. */
static void
deliver_broken_stream(struct exchange *self)
{
    if (self->is_answered || self->is_cancelled || self->kind == BRIDGE_BATCH)
        return;
    if (!self->is_listen) {
        fail(self, "the gateway ended the answer's stream before the answer; call again");
        return;
    }
    CLEANUP(buffer_release) struct buffer message = {0};
    buffer_format(&message,
        "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":"
        "{\"requestId\":%.*s,\"reason\":\"the gateway closed the stream\"}}",
        TEXT_FORMAT(buffer_text(&self->ids)));
    bridge_output_message(&self->bridge->output, buffer_text(&message));
}

/* An error that is JSON-RPC is passed on under our ids, since it may come without one. */
static void
deliver_refusal(struct exchange *self, const struct transfer_answer *answer)
{
    struct text error = view_member(answer->body, "error");
    if (view_type(view_member(error, "code")) == JSON_NUMBER && self->ids.length > 0 &&
        speaks_to_client(self)) {
        bridge_output_error(&self->bridge->output, buffer_text(&self->ids), error);
        return;
    }
    CLEANUP(arena_release) struct arena arena;
    arena_init(&arena, WORDS_ARENA);
    struct text words =
        view_string(view_member(text_cut(answer->body, WORDS_ARENA / 4), "error.message"), &arena);
    bool is_denied = answer->http_status == 401 || answer->http_status == 403;
    char whole[WORDS_MAX];
    (void)snprintf(whole, sizeof(whole), "the gateway answered HTTP %ld%s%.*s%s",
        answer->http_status, words.length > 0 ? ": " : "", TEXT_FORMAT(text_cut(words, 200)),
        is_denied ? "; a token is given by --token-file FILE or FORGE_TOKEN_FILE" : "");
    fail(self, whole);
}

void
deliver_answer(struct exchange *self, const struct transfer_answer *answer)
{
    bool is_success = answer->http_status >= 200 && answer->http_status < 300;
    enum json_type type = view_type(answer->body);
    if (!is_success)
        deliver_refusal(self, answer);
    else if (self->ids.length == 0)
        return;
    else if (answer->was_streamed)
        deliver_broken_stream(self);
    else if (type == JSON_OBJECT || type == JSON_ARRAY)
        deliver_event(self, answer->body);
    else if (!self->is_cancelled)
        fail(self, "the gateway answered without a message; does the URL end in /mcp?");
}

void
deliver_silence(struct exchange *self, const struct transfer_answer *answer)
{
    const char *url = self->bridge->options->url;
    char words[WORDS_MAX];
    if (answer->was_streamed) {
        deliver_broken_stream(self);
        return;
    }
    if (answer->status == STATUS_DEADLINE_EXCEEDED)
        (void)snprintf(words, sizeof(words),
            "%.160s did not answer in time; what was asked for may still have happened", url);
    else
        (void)snprintf(words, sizeof(words),
            "no answer from %.160s: %.120s; is the gateway running? './dev up' starts it", url,
            answer->problem);
    fail(self, words);
}
