#include "gateway/tools/call.h"

#include <stdarg.h>
#include <stdio.h>

#include "common/base/clock.h"
#include "gateway/tools/failure.h"
#include "gateway/tools/idempotency.h"
#include "gateway/tools/status_round.h"

enum { TIMEOUT_MAX_MS = 60000 };

static void
refuse_arguments(struct tool_call *self, const struct argument_problem *problem)
{
    tool_call_refuse(self, STATUS_INVALID_ARGUMENT, problem->argument, "%s: %s Example: %s",
        self->tool->name, problem->words, self->tool->example);
}

static bool
has_role(struct tool_call *self)
{
    if (self->rpc.principal.roles & self->tool->role)
        return true;
    const char *needed = self->tool->role == ROLE_OPERATOR ? "operator"
                         : self->tool->role == ROLE_WRITER ? "writer"
                                                           : "reader";
    tool_call_refuse(self, STATUS_PERMISSION_DENIED, NULL,
        "%s needs the role %s, which %.*s does not have. Ask the operator of this context-forge "
        "for it.",
        self->tool->name, needed, TEXT_FORMAT(self->rpc.principal.name));
    return false;
}

static void
set_deadline(struct tool_call *self)
{
    if (self->rpc.deadline_ms)
        return;
    unsigned timeout_ms =
        self->tool->timeout_ms ? self->tool->timeout_ms : self->default_timeout_ms;
    if (timeout_ms > TIMEOUT_MAX_MS)
        timeout_ms = TIMEOUT_MAX_MS;
    self->rpc.deadline_ms = clock_monotonic_ms() + timeout_ms;
}

void
tool_call_start(struct tool_call *self, const struct tool *tool, struct text arguments)
{
    self->tool = tool;
    if (!has_role(self))
        return;
    self->values = arena_new(self->arena, tool->arguments.count * sizeof *self->values);
    struct argument_problem problem;
    if (!arguments_read(
            &tool->arguments, arguments, clock_wall_ms(), self->arena, self->values, &problem)) {
        refuse_arguments(self, &problem);
        return;
    }
    if (!(tool->flags & TOOL_READS) && !idempotency_key_make(self))
        return;
    set_deadline(self);
    tool->ask(self);
}

void
tool_call_cancel(struct tool_call *self)
{
    if (self->round)
        status_round_cancel(self->round);
    else if (self->waiting)
        self->backends->cancel(self->backends, &self->rpc);
}

ProtobufCService *
tool_call_bind(struct tool_call *self, const ProtobufCServiceDescriptor *descriptor)
{
    self->waiting = true;
    return self->backends->bind(self->backends, descriptor, &self->rpc);
}

bool
tool_call_answered(struct tool_call *self, const void *reply, struct json_writer *writer)
{
    self->waiting = false;
    if (!reply || self->rpc.reply.status != STATUS_OK) {
        tool_call_fail(self);
        return false;
    }
    buffer_clear(self->out);
    json_writer_init(writer, self->out);
    json_write_object_begin(writer);
    return true;
}

void
tool_call_finish(struct tool_call *self, struct json_writer *writer)
{
    json_write_object_end(writer);
    self->on_done(self);
}

void
tool_call_refuse(
    struct tool_call *self, enum status status, const char *argument, const char *format, ...)
{
    char words[2048];
    va_list parts;
    va_start(parts, format);
    vsnprintf(words, sizeof words, format, parts);
    va_end(parts);
    struct json_writer writer;
    tool_failure_begin(self, status, words, &writer);
    if (argument) {
        json_write_key(&writer, "argument");
        json_write_string(&writer, argument);
    }
    tool_failure_end(self, &writer);
}
