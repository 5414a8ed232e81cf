#include "gateway/tools/status_round.h"

#include "backup.pb-c.h"
#include "context.pb-c.h"
#include "metrics.pb-c.h"

#include "common/base/clock.h"
#include "gateway/tools/call.h"
#include "gateway/tools/status_report.h"

enum { PATIENCE_MS = 2000 };

struct question {
    struct rpc_call rpc; /* first: a closure's argument is the question */
    struct status_round *round;
    bool open;
};

struct status_round {
    struct tool_call *call;
    void (*on_over)(struct tool_call *call, const struct status_report *report);
    struct status_report report;
    struct question questions[STATUS_SERVICES];
    unsigned open;
};

/* Called once more than there are questions, so that closures that run at once end nothing early.
 */
static void
one_less(struct status_round *self)
{
    if (--self->open)
        return;
    struct tool_call *call = self->call;
    call->round = NULL;
    self->on_over(call, &self->report);
}

/* True when the service answered; notes why when it did not. */
static bool
note(struct question *question, const void *reply, enum status_service service)
{
    struct status_round *round = question->round;
    const struct rpc_reply *outcome = &question->rpc.reply;
    question->open = false;
    struct status_service_report *report = &round->report.services[service];
    report->up = reply && outcome->status == STATUS_OK;
    if (!report->up)
        report->reason = arena_format(round->call->arena, "%s%s%.*s", status_name(outcome->status),
            outcome->detail.length ? ": " : "", TEXT_FORMAT(outcome->detail));
    return report->up;
}

static void
on_counted(const Forge__CountReply *reply, void *argument)
{
    struct question *question = argument;
    struct status_round *round = question->round;
    if (note(question, reply, STATUS_CONTEXT))
        status_report_take_count(&round->report, round->call->arena, reply);
    one_less(round);
}

static void
on_status(const Forge__StatusReply *reply, void *argument)
{
    struct question *question = argument;
    struct status_round *round = question->round;
    if (note(question, reply, STATUS_METRICS))
        status_report_take_programs(&round->report, round->call->arena, reply);
    one_less(round);
}

static void
on_backups(const Forge__BackupListReply *reply, void *argument)
{
    struct question *question = argument;
    struct status_round *round = question->round;
    if (note(question, reply, STATUS_BACKUP))
        status_report_take_backups(&round->report, round->call->arena, reply);
    one_less(round);
}

static ProtobufCService *
bind(struct status_round *self, enum status_service service,
    const ProtobufCServiceDescriptor *descriptor)
{
    struct question *question = &self->questions[service];
    const struct rpc_call *model = &self->call->rpc;
    int64_t deadline_ms = clock_monotonic_ms() + PATIENCE_MS;
    question->round = self;
    question->open = true;
    question->rpc = (struct rpc_call){
        .deadline_ms = model->deadline_ms < deadline_ms ? model->deadline_ms : deadline_ms,
        .principal = model->principal,
        .traceparent = model->traceparent,
    };
    struct backends *backends = self->call->backends;
    return backends->bind(backends, descriptor, &question->rpc);
}

void
status_round_start(struct tool_call *call,
    void (*on_over)(struct tool_call *call, const struct status_report *report))
{
    struct status_round *self = arena_new(call->arena, sizeof *self);
    *self = (struct status_round){.call = call, .on_over = on_over, .open = STATUS_SERVICES + 1};
    call->round = self;

    Forge__CountRequest count = FORGE__COUNT_REQUEST__INIT;
    ProtobufCService *service = bind(self, STATUS_CONTEXT, &forge__context__descriptor);
    forge__context__count(service, &count, on_counted, &self->questions[STATUS_CONTEXT]);

    Forge__StatusRequest status = FORGE__STATUS_REQUEST__INIT;
    service = bind(self, STATUS_METRICS, &forge__metrics__descriptor);
    forge__metrics__status(service, &status, on_status, &self->questions[STATUS_METRICS]);

    Forge__BackupListRequest backups = FORGE__BACKUP_LIST_REQUEST__INIT;
    backups.limit = 1;
    service = bind(self, STATUS_BACKUP, &forge__backup__descriptor);
    forge__backup__list(service, &backups, on_backups, &self->questions[STATUS_BACKUP]);

    one_less(self);
}

void
status_round_cancel(struct status_round *self)
{
    struct backends *backends = self->call->backends;
    /* A closure may run at once; the round must not end before the loop does. */
    self->open++;
    for (unsigned i = 0; i < STATUS_SERVICES; i++)
        if (self->questions[i].open)
            backends->cancel(backends, &self->questions[i].rpc);
    one_less(self);
}
