/* The backup verbs: run, list, verify, restore. */
#include <string.h>
#include <unistd.h>

#include "common/base/buffer.h"
#include "common/json/writer.h"
#include "forgectl/cli/output.h"
#include "forgectl/cli/view.h"
#include "forgectl/client/tool.h"
#include "forgectl/verbs/arguments.h"
#include "forgectl/verbs/verbs.h"

enum { ID_MAX = 64 };

static const char *
first_argument(const struct cli *cli)
{
    const char *const *words = NULL;
    return options_arguments(cli->options, &words) > 0 ? words[0] : NULL;
}

/* Calls a backup tool and shows the object it answers with; the answer stays in `result`. */
static int
call_and_show(struct cli *cli, const char *tool, struct text arguments, const char *value_path,
    struct buffer *result)
{
    int code = tool_call(cli, tool, arguments, NULL, result);
    if (code == CLI_OK)
        output_object(cli, buffer_text(result), value_path);
    return code;
}

int
verb_backup_run(struct cli *cli)
{
    static const struct argument_row rows[] = {{"note", "note", ARGUMENT_AS_TEXT}};
    CLEANUP(buffer_release) struct buffer arguments = {0};
    struct json_writer writer;
    json_writer_init(&writer, &arguments);
    json_write_object_begin(&writer);
    arguments_write(cli, rows, 1, &writer);
    json_write_object_end(&writer);
    CLEANUP(buffer_release) struct buffer result = {0};
    return call_and_show(cli, "backup_run", buffer_text(&arguments), "backup.id", &result);
}

int
verb_backup_list(struct cli *cli)
{
    static const struct argument_row rows[] = {{"limit", "limit", ARGUMENT_AS_NUMBER}};
    static const struct output_column columns[] = {{"id", "ID"}, {"state", "STATE"},
        {"started_at", "STARTED"}, {"bytes", "BYTES"}, {"verified_at", "VERIFIED"},
        {"note", "NOTE"}};
    CLEANUP(buffer_release) struct buffer arguments = {0};
    struct json_writer writer;
    json_writer_init(&writer, &arguments);
    json_write_object_begin(&writer);
    arguments_write(cli, rows, 1, &writer);
    json_write_object_end(&writer);
    CLEANUP(buffer_release) struct buffer result = {0};
    int code = tool_call(cli, "backup_list", buffer_text(&arguments), NULL, &result);
    if (code != CLI_OK)
        return code;
    struct text answer = buffer_text(&result);
    output_list(
        cli, answer, view_member(answer, "backups"), columns, sizeof(columns) / sizeof(columns[0]));
    return CLI_OK;
}

static void
write_id(struct buffer *arguments, const char *id, const char *confirm)
{
    struct json_writer writer;
    json_writer_init(&writer, arguments);
    json_write_object_begin(&writer);
    if (id != NULL) {
        json_write_key(&writer, "id");
        json_write_string(&writer, id);
    }
    if (confirm != NULL) {
        json_write_key(&writer, "confirm");
        json_write_string(&writer, confirm);
    }
    json_write_object_end(&writer);
}

int
verb_backup_verify(struct cli *cli)
{
    CLEANUP(buffer_release) struct buffer arguments = {0};
    write_id(&arguments, first_argument(cli), NULL);
    CLEANUP(buffer_release) struct buffer result = {0};
    int code = call_and_show(cli, "backup_verify", buffer_text(&arguments), "good", &result);
    if (code != CLI_OK)
        return code;
    if (view_type(view_member(buffer_text(&result), "good")) == JSON_TRUE)
        return CLI_OK;
    return cli_fail(cli, CLI_DAMAGED, "damaged", "'forgectl backup run' makes a new one",
        "the backup is damaged; do not count on it");
}

/* A restore replaces what is there, so the person types the id, or said --yes. */
static int
confirm(struct cli *cli, const char *id)
{
    if (cli->yes)
        return CLI_OK;
    if (isatty(fileno(cli->in)) != 1)
        return cli_fail(cli, CLI_USAGE, "usage", NULL,
            "a restore must be confirmed: add --yes to restore %s", id);
    (void)fprintf(cli->err, "Restore backup %s into the empty stores? Type its id to go on: ", id);
    (void)fflush(cli->err);
    char typed[ID_MAX + 2] = {0};
    if (fgets(typed, sizeof(typed), cli->in) == NULL)
        typed[0] = '\0';
    typed[strcspn(typed, "\r\n")] = '\0';
    if (strcmp(typed, id) == 0)
        return CLI_OK;
    return cli_fail(cli, CLI_USAGE, "usage", NULL, "not restored: that is not the id");
}

int
verb_backup_restore(struct cli *cli)
{
    const char *id = first_argument(cli);
    int code = confirm(cli, id);
    if (code != CLI_OK)
        return code;
    CLEANUP(buffer_release) struct buffer arguments = {0};
    write_id(&arguments, id, id);
    CLEANUP(buffer_release) struct buffer result = {0};
    return call_and_show(cli, "backup_restore", buffer_text(&arguments), "records", &result);
}
