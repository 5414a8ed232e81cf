/* context save: one entry from the command line, a file or standard input. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "common/base/buffer.h"
#include "common/json/writer.h"
#include "forgectl/cli/output.h"
#include "forgectl/cli/view.h"
#include "forgectl/client/tool.h"
#include "forgectl/import/entry.h"
#include "forgectl/verbs/arguments.h"
#include "forgectl/verbs/verbs.h"

static const struct argument_row save_arguments[] = {
    {"kind", "kind", ARGUMENT_AS_TEXT},
    {"title", "title", ARGUMENT_AS_TEXT},
    {"tag", "tags", ARGUMENT_AS_LIST},
    {"project", "project", ARGUMENT_AS_TEXT},
    {"scope", "scope", ARGUMENT_AS_TEXT},
    {"pin", "pinned", ARGUMENT_AS_FLAG},
};

static int
read_stream(struct cli *cli, FILE *stream, struct buffer *content)
{
    while (content->length <= IMPORT_CONTENT_MAX) {
        char *room = buffer_reserve(content, 16384);
        size_t size = fread(room, 1, 16384, stream);
        content->length += size;
        if (size == 0)
            break;
    }
    if (ferror(stream) != 0)
        return cli_fail(cli, CLI_NOT_FOUND, "not-found", NULL, "cannot read: %s", strerror(errno));
    return CLI_OK;
}

static int
read_file(struct cli *cli, const char *path, struct buffer *content)
{
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return cli_fail(
            cli, CLI_NOT_FOUND, "not-found", NULL, "cannot read %s: %s", path, strerror(errno));
    int code = read_stream(cli, file, content);
    (void)fclose(file);
    return code;
}

static int
read_content(struct cli *cli, struct buffer *content)
{
    const char *const *words = NULL;
    size_t count = options_arguments(cli->options, &words);
    const char *path = options_text(cli->options, "file");
    if (count > 0 && path != NULL)
        return cli_usage(cli, "give the text or --file, not both");
    if (count > 0 && strcmp(words[0], "-") != 0) {
        buffer_add_text(content, text_of(words[0]));
        return CLI_OK;
    }
    if (path != NULL && strcmp(path, "-") != 0)
        return read_file(cli, path, content);
    if (isatty(fileno(cli->in)) == 1)
        cli_note(cli, "type the text, then Ctrl-D on a line of its own:");
    return read_stream(cli, cli->in, content);
}

static int
check_content(struct cli *cli, struct text content)
{
    if (content.data == NULL || text_trim(content).length == 0)
        return cli_usage(cli, "there is no text to save: forgectl context save TEXT");
    if (content.length > IMPORT_CONTENT_MAX)
        return cli_fail(cli, CLI_USAGE, "usage",
            "'forgectl context import' splits long Markdown files at their headings",
            "the text is longer than %d KiB", IMPORT_CONTENT_MAX >> 10);
    if (!text_is_utf8(content) || memchr(content.data, '\0', content.length) != NULL)
        return cli_usage(cli, "the text must be UTF-8 without NUL bytes");
    return CLI_OK;
}

int
verb_context_save(struct cli *cli)
{
    CLEANUP(buffer_release) struct buffer content = {0};
    int code = read_content(cli, &content);
    if (code == CLI_OK)
        code = check_content(cli, buffer_text(&content));
    if (code != CLI_OK)
        return code;
    CLEANUP(buffer_release) struct buffer arguments = {0};
    struct json_writer writer;
    json_writer_init(&writer, &arguments);
    json_write_object_begin(&writer);
    json_write_key(&writer, "content");
    json_write_text(&writer, buffer_text(&content));
    arguments_write(
        cli, save_arguments, sizeof(save_arguments) / sizeof(save_arguments[0]), &writer);
    json_write_object_end(&writer);
    CLEANUP(buffer_release) struct buffer result = {0};
    code = tool_call(cli, "context_save", buffer_text(&arguments),
        options_text(cli->options, "idempotency-key"), &result);
    if (code != CLI_OK)
        return code;
    static const struct output_column columns[] = {{"id", "ID"}, {"outcome", "OUTCOME"}};
    if (cli->format != CLI_TABLE) {
        output_object(cli, buffer_text(&result), "id");
        return CLI_OK;
    }
    CLEANUP(buffer_release) struct buffer list = {0};
    buffer_format(&list, "[%.*s]", TEXT_FORMAT(buffer_text(&result)));
    output_list(cli, buffer_text(&result), buffer_text(&list), columns, 2);
    return CLI_OK;
}
