/* connect: writes an assistant's configuration file, so that it finds the gateway. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/memory.h"
#include "common/json/writer.h"
#include "forgectl/cli/output.h"
#include "forgectl/connect/clients.h"
#include "forgectl/connect/edit.h"
#include "forgectl/connect/file.h"
#include "forgectl/verbs/verbs.h"

struct plan {
    const struct connect_client *client;
    const char *name;
    struct connect_target target;
    char path[PATH_MAX];
    char program[PATH_MAX];
    char token_file[PATH_MAX];
    struct buffer value;
};

static void
plan_release(struct plan *self)
{
    buffer_release(&self->value);
}

static int
choose_path(struct cli *cli, struct plan *self)
{
    const char *folder = options_text(cli->options, "project-dir");
    const char *file = self->client->file;
    if (options_flag(cli->options, "user")) {
        folder = getenv("HOME");
        file = self->client->user_file;
    }
    if (folder == NULL)
        return cli_fail(cli, CLI_USAGE, "usage", NULL, "HOME is not set; give --project-dir");
    char whole[PATH_MAX];
    if (realpath(folder, whole) == NULL)
        return cli_fail(cli, CLI_NOT_FOUND, "not-found", NULL, "there is no folder %s", folder);
    int length = snprintf(self->path, sizeof(self->path), "%s/%s", whole, file != NULL ? file : "");
    if (length < 0 || (size_t)length >= sizeof(self->path))
        return cli_fail(cli, CLI_USAGE, "usage", NULL, "the path of %s is too long", folder);
    return CLI_OK;
}

static int
fill_plan(struct cli *cli, struct plan *self)
{
    const char *const *words = NULL;
    (void)options_arguments(cli->options, &words);
    self->client = connect_client_find(words[0]);
    if (self->client == NULL)
        return cli_fail(cli, CLI_USAGE, "usage",
            "any other client takes the URL itself, or runs "
            "'forgectl mcp stdio'",
            "'%s' is none of claude, vscode, cursor", words[0]);
    self->name = options_text(cli->options, "name");
    self->target.url = cli->url;
    const char *token_file = options_text(cli->options, "token-file");
    if (token_file != NULL && realpath(token_file, self->token_file) != NULL)
        self->target.token_file = self->token_file;
    ssize_t length = readlink("/proc/self/exe", self->program, sizeof(self->program) - 1);
    if (options_flag(cli->options, "stdio"))
        self->target.program = length > 0 ? self->program : "forgectl";
    connect_client_write(self->client, &self->target, &self->value);
    return choose_path(cli, self);
}

static bool
needs_input(const struct plan *self)
{
    return self->client->asks_for_token && self->target.token_file != NULL &&
           self->target.program == NULL;
}

static enum edit_outcome
change(const struct plan *self, struct buffer *document)
{
    enum edit_outcome server =
        edit_set(document, self->client->section, self->name, buffer_text(&self->value));
    if (server == EDIT_IMPOSSIBLE || !needs_input(self))
        return server;
    enum edit_outcome input = edit_append(document, "inputs", connect_token_input());
    return input == EDIT_SAME ? server : input;
}

/* What the person adds by hand where we do not touch the file. */
static int
leave_to_person(struct cli *cli, const struct plan *self, const char *reason)
{
    int code = cli_fail(cli, CLI_CONFIG, "config", NULL,
        "%s stays as it is: %s. Add this by hand:", self->path, reason);
    CLEANUP(buffer_release) struct buffer document = {0};
    if (change(self, &document) == EDIT_CHANGED)
        (void)fwrite(document.data, 1, document.length, cli->out);
    return code;
}

static void
print_outcome(const struct cli *cli, const struct plan *self, const char *outcome)
{
    if (cli->format == CLI_TABLE) {
        (void)fprintf(cli->out, "%s\t%s\n", outcome, self->path);
        return;
    }
    CLEANUP(buffer_release) struct buffer json = {0};
    struct json_writer writer;
    json_writer_init(&writer, &json);
    json_write_object_begin(&writer);
    json_write_key(&writer, "outcome");
    json_write_string(&writer, outcome);
    json_write_key(&writer, "file");
    json_write_string(&writer, self->path);
    json_write_object_end(&writer);
    output_object(cli, buffer_text(&json), "file");
}

static void
tell_next(struct cli *cli, const struct plan *self)
{
    cli_note(cli, "%s now finds context-forge at %s.", self->client->title, self->target.url);
    if (self->target.token_file != NULL && self->target.program == NULL &&
        !self->client->asks_for_token)
        cli_note(cli,
            "The file names the token and does not hold it. Before starting %s:\n"
            "  export FORGE_TOKEN=\"$(cat '%s')\"",
            self->client->title, self->target.token_file);
    cli_note(cli, "Next: %s.", self->client->next);
}

static int
write_file(struct cli *cli, struct plan *self)
{
    CLEANUP(buffer_release) struct buffer document = {0};
    struct problem problem = {0};
    if (connect_file_read(self->path, &document, &problem) != STATUS_OK)
        return cli_fail(cli, CLI_CONFIG, "config", NULL, "%s", problem.text);
    bool was_there = document.length > 0;
    if (edit_check(buffer_text(&document), &problem) != STATUS_OK)
        return leave_to_person(cli, self, problem.text);
    enum edit_outcome outcome = change(self, &document);
    if (outcome == EDIT_IMPOSSIBLE)
        return leave_to_person(cli, self, "its members have other types than the client expects");
    if (options_flag(cli->options, "print")) {
        (void)fwrite(document.data, 1, document.length, cli->out);
        return CLI_OK;
    }
    if (outcome == EDIT_CHANGED &&
        connect_file_replace(self->path, buffer_text(&document), &problem) != STATUS_OK)
        return cli_fail(cli, CLI_CONFIG, "config", NULL, "%s", problem.text);
    const char *words = was_there ? "updated" : "created";
    print_outcome(cli, self, outcome == EDIT_SAME ? "unchanged" : words);
    tell_next(cli, self);
    return CLI_OK;
}

int
verb_connect(struct cli *cli)
{
    CLEANUP(plan_release) struct plan plan = {0};
    int code = fill_plan(cli, &plan);
    if (code != CLI_OK)
        return code;
    if (!options_flag(cli->options, "user") || plan.client->user_file != NULL)
        return write_file(cli, &plan);
    CLEANUP(buffer_release) struct buffer line = {0};
    connect_client_command(plan.client, plan.name, &plan.target, &line);
    cli_note(cli, "%s adds a server for all projects by a command of its own:", plan.client->title);
    (void)fprintf(cli->out, "%s\n", buffer_string(&line));
    return CLI_OK;
}
