/* context import: JSONL, Markdown folders and the official memory server's file. */
#include <signal.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/json/writer.h"
#include "forgectl/cli/output.h"
#include "forgectl/import/detect.h"
#include "forgectl/import/runner.h"
#include "forgectl/verbs/verbs.h"

/* Set by the signal handler, which can be given nothing else. */
static volatile sig_atomic_t interrupted;

static void
on_signal(int number)
{
    interrupted = number;
}

/* The first signal ends the import in order, the second ends the process. */
static void
watch_signals(void)
{
    interrupted = 0;
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
    (void)sigemptyset(&action.sa_mask);
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
}

static void
restore_signals(void)
{
    (void)signal(SIGINT, SIG_DFL);
    (void)signal(SIGTERM, SIG_DFL);
}

static void
print_sentence(const struct cli *cli, const struct import_counts *counts, double seconds)
{
    bool is_dry_run = options_flag(cli->options, "dry-run");
    (void)fprintf(cli->out,
        "%s %llu, merged %llu, unchanged %llu, skipped %llu, failed %llu (%.1f s)\n",
        is_dry_run ? "would save" : "created", (unsigned long long)counts->created,
        (unsigned long long)counts->merged, (unsigned long long)counts->unchanged,
        (unsigned long long)counts->skipped, (unsigned long long)counts->failed, seconds);
}

static void
print_summary(const struct cli *cli, const struct import_counts *counts, double seconds)
{
    if (cli->format == CLI_TABLE) {
        print_sentence(cli, counts, seconds);
        return;
    }
    const struct {
        const char *key;
        uint64_t value;
    } rows[] = {
        {"created", counts->created},
        {"merged", counts->merged},
        {"unchanged", counts->unchanged},
        {"skipped", counts->skipped},
        {"failed", counts->failed},
    };
    CLEANUP(buffer_release) struct buffer json = {0};
    struct json_writer writer;
    json_writer_init(&writer, &json);
    json_write_object_begin(&writer);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        json_write_key(&writer, rows[i].key);
        json_write_unsigned(&writer, rows[i].value);
    }
    json_write_key(&writer, "seconds");
    json_write_number(&writer, seconds);
    json_write_object_end(&writer);
    output_object(cli, buffer_text(&json), "created");
}

static struct import_options
read_options(const struct cli *cli)
{
    struct import_options options = {
        .in_flight = (unsigned)options_integer(cli->options, "parallel"),
        .is_dry_run = options_flag(cli->options, "dry-run"),
        .project = options_text(cli->options, "project"),
        .scope = options_text(cli->options, "scope"),
        .kind = options_text(cli->options, "kind"),
        .interrupted = &interrupted,
    };
    options.tag_count = options_list(cli->options, "tag", &options.tags);
    return options;
}

int
verb_context_import(struct cli *cli)
{
    const char *const *paths = NULL;
    (void)options_arguments(cli->options, &paths);
    CLEANUP(import_source_destroy) struct import_source *source = NULL;
    struct problem problem = {0};
    enum status status = import_source_open(
        paths[0], options_text(cli->options, "format"), cli->in, &source, &problem);
    if (status != STATUS_OK)
        return cli_fail(cli, status == STATUS_INVALID_ARGUMENT ? CLI_USAGE : CLI_NOT_FOUND,
            status == STATUS_INVALID_ARGUMENT ? "usage" : "not-found", NULL, "%s", problem.text);
    const char *slash = strrchr(paths[0], '/');
    const char *name = slash != NULL && slash[1] != '\0' ? slash + 1 : paths[0];
    struct import_options options = read_options(cli);
    struct import_counts counts = {0};
    int64_t started_ms = clock_monotonic_ms();
    watch_signals();
    int code = import_run(cli, source, name, &options, &counts);
    restore_signals();
    print_summary(cli, &counts, (double)(clock_monotonic_ms() - started_ms) / 1000);
    return code;
}
