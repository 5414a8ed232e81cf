#include "gateway/tools/failure.h"

#include <stdio.h>

enum { DETAIL_BYTES = 512 };

/* The status' name as the HTTP API spells its codes. */
static void
write_code(struct json_writer *writer, enum status status)
{
    char code[32];
    snprintf(code, sizeof code, "%s", status_name(status));
    for (char *at = code; *at; at++)
        if (*at == '-')
            *at = '_';
    json_write_string(writer, code);
}

void
tool_failure_begin(
    struct tool_call *self, enum status status, const char *words, struct json_writer *writer)
{
    struct text whole = text_of(words);
    self->failed = true;
    self->status = status;
    self->words = arena_copy(self->arena, whole);
    buffer_clear(self->out);
    json_writer_init(writer, self->out);
    json_write_object_begin(writer);
    json_write_key(writer, "error");
    json_write_object_begin(writer);
    json_write_key(writer, "code");
    write_code(writer, status);
    json_write_key(writer, "message");
    json_write_text(writer, whole);
}

void
tool_failure_end(struct tool_call *self, struct json_writer *writer)
{
    json_write_object_end(writer);
    json_write_object_end(writer);
    self->on_done(self);
}

static bool
is_write(const struct tool_call *self)
{
    return !(self->tool->flags & TOOL_READS);
}

/* True when the write may have happened although nobody said so. */
static bool
is_outcome_unknown(const struct tool_call *self)
{
    const struct rpc_reply *reply = &self->rpc.reply;
    if (!is_write(self))
        return false;
    if (reply->outcome == OUTCOME_UNKNOWN)
        return true;
    return reply->outcome == OUTCOME_NONE && reply->status == STATUS_DEADLINE_EXCEEDED;
}

/* "context-svc failed inside: disk on fire." with the service's own words where it gave some. */
static const char *
sentence(struct tool_call *self, const char *subject, const char *words)
{
    struct text detail = text_cut(self->rpc.reply.detail, DETAIL_BYTES);
    bool blank = *subject && *words;
    return arena_format(self->arena, "%s%s%s%s%.*s.", subject, blank ? " " : "", words,
        detail.length && (*subject || *words) ? ": " : "", TEXT_FORMAT(detail));
}

/* What happened, without what to do. */
static const char *
happened(struct tool_call *self)
{
    const char *service = self->tool->service;
    bool detailed = self->rpc.reply.detail.length > 0;
    switch (self->rpc.reply.status) {
    case STATUS_UNAVAILABLE: return sentence(self, service, "does not answer");
    case STATUS_DEADLINE_EXCEEDED: return sentence(self, service, "did not answer in time");
    case STATUS_CANCELLED: return "The call was cancelled.";
    case STATUS_RESOURCE_EXHAUSTED: return sentence(self, service, "takes no more now");
    case STATUS_INTERNAL:
    case STATUS_DATA_LOSS:
    case STATUS_UNKNOWN: return sentence(self, service, "failed inside");
    case STATUS_NOT_FOUND: return sentence(self, "", detailed ? "" : "there is no such thing");
    case STATUS_ABORTED:
        return sentence(self, "", detailed ? "" : "somebody else changed it in the meantime");
    default: return sentence(self, service, "refused");
    }
}

static const char *
advice(const struct tool_call *self)
{
    switch (self->rpc.reply.status) {
    case STATUS_UNAVAILABLE:
    case STATUS_DEADLINE_EXCEEDED:
        return " Try again in a few seconds; if it stays so, forge_status tells what is wrong.";
    case STATUS_RESOURCE_EXHAUSTED: return " Try again in a few seconds.";
    case STATUS_ABORTED: return " Read it again with context_get, then repeat the change.";
    case STATUS_INTERNAL:
    case STATUS_DATA_LOSS:
    case STATUS_UNKNOWN: return " The operator finds the reason in the service's log.";
    default: return "";
    }
}

static const char *
fate(struct tool_call *self, bool unknown)
{
    if (!is_write(self))
        return "";
    if (unknown)
        return arena_format(self->arena,
            " Whether it was written is not known: repeat the call with "
            "\"idempotency_key\":\"%s\", "
            "which never writes twice.",
            self->key_words);
    return self->rpc.reply.outcome == OUTCOME_COMMITTED ? " It was written all the same."
                                                        : " Nothing was written.";
}

static const char *
outcome_name(const struct tool_call *self, bool unknown)
{
    if (unknown)
        return "unknown";
    return self->rpc.reply.outcome == OUTCOME_COMMITTED ? "committed" : "not_committed";
}

/* The fate of a write comes as its own member beside the error. */
static void
end_with_outcome(struct tool_call *self, struct json_writer *writer, bool unknown)
{
    json_write_object_end(writer);
    json_write_key(writer, "outcome");
    json_write_string(writer, outcome_name(self, unknown));
    if (unknown) {
        json_write_key(writer, "idempotency_key");
        json_write_string(writer, self->key_words);
    }
    json_write_object_end(writer);
    self->on_done(self);
}

void
tool_call_fail(struct tool_call *self)
{
    bool unknown = is_outcome_unknown(self);
    enum status status =
        self->rpc.reply.status == STATUS_OK ? STATUS_INTERNAL : self->rpc.reply.status;
    const char *words = arena_format(self->arena, "%s: %s%s%s", self->tool->name, happened(self),
        fate(self, unknown), unknown ? "" : advice(self));
    struct json_writer writer;
    tool_failure_begin(self, status, words, &writer);
    json_write_key(&writer, "service");
    json_write_string(&writer, self->tool->service);
    if (is_write(self))
        end_with_outcome(self, &writer, unknown);
    else
        tool_failure_end(self, &writer);
}
