#include "forgectl/cli/cli.h"

#include <stdarg.h>

#include "common/base/buffer.h"
#include "common/json/writer.h"
#include "forgectl/cli/safe_text.h"

static void
print_json_error(FILE *err, const char *name, const char *hint, struct text message)
{
    CLEANUP(buffer_release) struct buffer line = {0};
    struct json_writer writer;
    json_writer_init(&writer, &line);
    json_write_object_begin(&writer);
    json_write_key(&writer, "error");
    json_write_object_begin(&writer);
    json_write_key(&writer, "code");
    json_write_string(&writer, name);
    json_write_key(&writer, "message");
    json_write_text(&writer, message);
    if (hint != NULL) {
        json_write_key(&writer, "hint");
        json_write_string(&writer, hint);
    }
    json_write_object_end(&writer);
    json_write_object_end(&writer);
    (void)fprintf(err, "%.*s\n", TEXT_FORMAT(buffer_text(&line)));
}

int
cli_fail(struct cli *cli, int code, const char *name, const char *hint, const char *format, ...)
{
    CLEANUP(buffer_release) struct buffer message = {0};
    va_list arguments;
    va_start(arguments, format);
    buffer_format_list(&message, format, arguments);
    va_end(arguments);
    if (cli->format == CLI_JSON || cli->format == CLI_JSONL) {
        print_json_error(cli->err, name, hint, buffer_text(&message));
        return code;
    }
    CLEANUP(buffer_release) struct buffer safe = {0};
    safe_text_add(&safe, buffer_text(&message), SAFE_TEXT_LINE);
    (void)fprintf(cli->err, "forgectl: %.*s\n", TEXT_FORMAT(buffer_text(&safe)));
    if (hint != NULL)
        (void)fprintf(cli->err, "  %s\n", hint);
    return code;
}

int
cli_usage(struct cli *cli, const char *words)
{
    return cli_fail(cli, CLI_USAGE, "usage", NULL, "%s", words);
}

void
cli_note(struct cli *cli, const char *format, ...)
{
    if (cli->quiet)
        return;
    va_list arguments;
    va_start(arguments, format);
    (void)vfprintf(cli->err, format, arguments);
    va_end(arguments);
    (void)fputc('\n', cli->err);
}

const char *
cli_exit_name(int code)
{
    static const struct {
        int code;
        const char *name;
    } names[] = {
        {CLI_BAD, "bad"},
        {CLI_USAGE, "invalid-argument"},
        {CLI_PARTIAL, "partial"},
        {CLI_NOT_FOUND, "not-found"},
        {CLI_BUSY, "busy"},
        {CLI_DAMAGED, "damaged"},
        {CLI_UNREACHABLE, "unreachable"},
        {CLI_TEMPORARY, "try-again"},
        {CLI_DENIED, "denied"},
        {CLI_CONFIG, "config"},
        {CLI_INTERRUPTED, "interrupted"},
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (names[i].code == code)
            return names[i].name;
    return "internal";
}
