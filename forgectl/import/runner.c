#include "forgectl/import/runner.h"

#include "common/base/clock.h"
#include "common/base/uuid.h"
#include "forgectl/cli/view.h"
#include "forgectl/client/tool.h"
#include "forgectl/client/transfers.h"

enum { ATTEMPTS = 9, BACKOFF_MAX_MS = 2000, TURN_MS = 100, TOLD_MAX = 10, PLACE_MAX = 200 };

/* One entry on its way: in flight while it has a transfer, else waiting to be sent again. */
struct job {
    struct runner *runner;
    struct transfer *transfer;
    struct buffer body;
    char key_header[IMPORT_KEY_SIZE + 32];
    char place[PLACE_MAX];
    unsigned attempts;
    int64_t due_ms;
    bool is_used;
};

struct runner {
    struct cli *cli;
    struct import_source *source;
    const struct import_options *options;
    struct import_counts *counts;
    struct transfers *transfers;
    struct buffer url;
    char run[UUID_TEXT_SIZE]; /* names this run */
    struct job jobs[IMPORT_IN_FLIGHT_MAX];
    size_t job_count;
    bool is_at_end;
    bool has_answered; /* somebody, once */
    int stop_code;     /* not CLI_OK: end now */
    uint64_t told;
    struct progress progress;
};

static void
end_job(struct job *self)
{
    self->runner->job_count--;
    buffer_release(&self->body);
    *self = (struct job){.runner = self->runner};
}

static void
tell_failure(struct runner *self, const char *place, const char *words)
{
    self->counts->failed++;
    self->told++;
    progress_clear(&self->progress);
    if (self->told <= TOLD_MAX)
        (void)cli_fail(self->cli, CLI_PARTIAL, "not-imported", NULL, "%s: %s", place, words);
    if (self->told == TOLD_MAX)
        cli_note(self->cli, "forgectl: further failures are counted only");
}

static void
count_outcome(struct import_counts *counts, struct text answer)
{
    struct text outcome = view_member(answer, "outcome");
    if (text_is(outcome, "\"merged\""))
        counts->merged++;
    else if (text_is(outcome, "\"unchanged\""))
        counts->unchanged++;
    else
        counts->created++;
}

static void
repeat_later(struct job *job)
{
    int64_t pause = 100LL << (job->attempts < 6 ? job->attempts - 1 : 5);
    job->due_ms = clock_monotonic_ms() + (pause > BACKOFF_MAX_MS ? BACKOFF_MAX_MS : pause);
}

/* Nobody answers any more, this principal may not, or that is no gateway. */
static bool
stops_all(const struct tool_failure *failure)
{
    return failure->is_transient || failure->code == CLI_DENIED || failure->code == CLI_NOT_FOUND;
}

static void
stop(struct runner *self, const struct tool_failure *failure)
{
    if (self->stop_code != CLI_OK)
        return;
    progress_clear(&self->progress);
    self->stop_code = cli_fail(self->cli, failure->code, failure->name,
        failure->code == CLI_DENIED ? failure->hint
                                    : "what was saved stays; the same command goes on from there",
        "the import stopped: %s", failure->message);
}

/* A service in restart comes back; a gateway that was never there does not. */
static bool
may_repeat(const struct job *job)
{
    return job->attempts < ATTEMPTS && job->runner->has_answered &&
           *job->runner->options->interrupted == 0;
}

static void
on_saved(void *argument, const struct transfer *transfer, const struct transfer_answer *answer)
{
    (void)transfer;
    struct job *job = argument;
    struct runner *self = job->runner;
    job->transfer = NULL;
    struct tool_failure failure;
    bool has_failed = tool_failed(self->cli, answer, &failure);
    self->has_answered = self->has_answered || answer->status == STATUS_OK;
    if (has_failed && failure.is_transient && may_repeat(job)) {
        repeat_later(job);
        return;
    }
    if (!has_failed)
        count_outcome(self->counts, answer->body);
    else if (stops_all(&failure))
        stop(self, &failure);
    else
        tell_failure(self, job->place, failure.message);
    end_job(job);
}

static void
send_job(struct job *job)
{
    struct runner *self = job->runner;
    const char *headers[] = {"Content-Type: application/json", job->key_header};
    const struct transfer_request request = {
        .method = "POST",
        .url = buffer_string(&self->url),
        .token = self->cli->token,
        .headers = headers,
        .header_count = 2,
        .body = buffer_text(&job->body),
        .timeout_ms = self->cli->timeout_ms,
    };
    const struct transfer_hooks hooks = {.on_done = on_saved, .argument = job};
    job->attempts++;
    job->transfer = transfers_start(self->transfers, &request, &hooks);
}

static void
fill_defaults(const struct import_options *options, struct import_entry *entry)
{
    if (entry->project.length == 0)
        entry->project = text_of(options->project);
    if (entry->scope.length == 0)
        entry->scope = text_of(options->scope);
    if (entry->kind.length == 0)
        entry->kind = text_of(options->kind);
    for (size_t i = 0; i < options->tag_count; i++)
        import_entry_add_tag(entry, text_of(options->tags[i]));
}

static void
start_job(struct runner *self, struct import_entry *entry, const char *place)
{
    fill_defaults(self->options, entry);
    if (self->options->is_dry_run) {
        self->counts->created++;
        return;
    }
    struct job *job = self->jobs;
    while (job->is_used)
        job++;
    *job = (struct job){.runner = self, .is_used = true};
    self->job_count++;
    char key[IMPORT_KEY_SIZE];
    import_entry_write(entry, &job->body);
    import_entry_key(text_of(self->run), text_of(place), buffer_text(&job->body), key);
    (void)snprintf(job->key_header, sizeof(job->key_header), "Idempotency-Key: %s", key);
    (void)snprintf(job->place, sizeof(job->place), "%s", place);
    send_job(job);
}

/* Takes one entry from the source. */
static void
take_entry(struct runner *self)
{
    struct import_entry entry = {0};
    struct problem problem = {0};
    char place[PLACE_MAX];
    enum status status = self->source->next(self->source, &entry, &problem);
    if (entry.line > 0)
        (void)snprintf(
            place, sizeof(place), "%.*s:%zu", TEXT_FORMAT(text_cut(entry.file, 160)), entry.line);
    else
        (void)snprintf(place, sizeof(place), "%.*s", TEXT_FORMAT(text_cut(entry.file, 180)));
    switch (status) {
    case STATUS_OK: start_job(self, &entry, place); break;
    case STATUS_NOT_FOUND: self->is_at_end = true; break;
    case STATUS_FAILED_PRECONDITION: self->counts->skipped++; break;
    case STATUS_INVALID_ARGUMENT: tell_failure(self, place, problem.text); break;
    default:
        tell_failure(self, place, problem.text);
        self->is_at_end = true;
        break;
    }
}

static void
send_due(struct runner *self)
{
    int64_t now = clock_monotonic_ms();
    for (size_t i = 0; i < IMPORT_IN_FLIGHT_MAX; i++) {
        struct job *job = &self->jobs[i];
        if (job->is_used && job->transfer == NULL && job->due_ms <= now)
            send_job(job);
    }
}

static bool
may_read(const struct runner *self)
{
    return !self->is_at_end && self->job_count < self->options->in_flight &&
           *self->options->interrupted == 0;
}

static void
turn(struct runner *self)
{
    /* A dry run and long runs of bad lines must show progress too. */
    for (unsigned i = 0; i < 64 && may_read(self); i++)
        take_entry(self);
    send_due(self);
    if (self->job_count > 0)
        transfers_turn(self->transfers, NULL, 0, TURN_MS);
    progress_show(
        &self->progress, self->source->done_bytes, self->source->total_bytes, self->counts);
}

static void
end_jobs(struct runner *self, bool also_in_flight)
{
    for (size_t i = 0; i < IMPORT_IN_FLIGHT_MAX; i++) {
        struct job *job = &self->jobs[i];
        if (!job->is_used || (job->transfer != NULL && !also_in_flight))
            continue;
        transfers_cancel(self->transfers, &job->transfer);
        end_job(job);
    }
}

int
import_run(struct cli *cli, struct import_source *source, const char *name,
    const struct import_options *options, struct import_counts *counts)
{
    struct runner self = {.cli = cli, .source = source, .options = options, .counts = counts};
    const struct uuid run = uuid_create(clock_wall_ms());
    uuid_format(&run, self.run);
    self.transfers = transfers_create();
    progress_init(&self.progress, cli->err, name, cli->err_is_tty, cli->quiet);
    tool_url(&self.url, cli, "context_save");
    while (self.stop_code == CLI_OK && (self.job_count > 0 || !self.is_at_end)) {
        turn(&self);
        if (*options->interrupted == 0)
            continue;
        end_jobs(&self, false);
        self.is_at_end = true;
    }
    progress_clear(&self.progress);
    end_jobs(&self, true);
    transfers_destroy(&self.transfers);
    buffer_release(&self.url);
    if (self.stop_code != CLI_OK)
        return self.stop_code;
    if (*options->interrupted != 0)
        return CLI_INTERRUPTED;
    return counts->failed > 0 ? CLI_PARTIAL : CLI_OK;
}
