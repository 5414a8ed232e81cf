#include "forgectl/connect/clients.h"

#include <string.h>

#include "common/json/writer.h"

static const struct connect_client clients[] = {
    {
        .name = "claude",
        .title = "Claude Code",
        .file = ".mcp.json",
        .section = "mcpServers",
        .reference = "Bearer ${FORGE_TOKEN}",
        .next = "start 'claude' in this folder, allow the server, and see it with /mcp",
        .names_http = true,
    },
    {
        .name = "vscode",
        .title = "VS Code",
        .file = ".vscode/mcp.json",
        .section = "servers",
        .reference = "Bearer ${input:forge-token}",
        .next = "open the folder in VS Code and press Start above the server in .vscode/mcp.json",
        .asks_for_token = true,
        .names_http = true,
    },
    {
        .name = "cursor",
        .title = "Cursor",
        .file = ".cursor/mcp.json",
        .user_file = ".cursor/mcp.json",
        .section = "mcpServers",
        .reference = "Bearer ${env:FORGE_TOKEN}",
        .next = "open the folder in Cursor and switch the server on in Settings, MCP",
    },
};

const struct connect_client *
connect_client_find(const char *name)
{
    for (size_t i = 0; i < sizeof(clients) / sizeof(clients[0]); i++)
        if (strcmp(clients[i].name, name) == 0)
            return &clients[i];
    return NULL;
}

static void
write_member(struct json_writer *writer, const char *key, const char *value)
{
    json_write_key(writer, key);
    json_write_string(writer, value);
}

static void
write_bridge(struct json_writer *writer, const struct connect_target *target)
{
    write_member(writer, "type", "stdio");
    write_member(writer, "command", target->program);
    json_write_key(writer, "args");
    json_write_array_begin(writer);
    json_write_string(writer, "mcp");
    json_write_string(writer, "stdio");
    json_write_string(writer, "--url");
    json_write_string(writer, target->url);
    if (target->token_file != NULL) {
        json_write_string(writer, "--token-file");
        json_write_string(writer, target->token_file);
    }
    json_write_array_end(writer);
}

static void
write_http(const struct connect_client *self, struct json_writer *writer,
    const struct connect_target *target)
{
    if (self->names_http)
        write_member(writer, "type", "http");
    write_member(writer, "url", target->url);
    if (target->token_file == NULL)
        return;
    json_write_key(writer, "headers");
    json_write_object_begin(writer);
    write_member(writer, "Authorization", self->reference);
    json_write_object_end(writer);
}

void
connect_client_write(
    const struct connect_client *self, const struct connect_target *target, struct buffer *json)
{
    struct json_writer writer;
    json_writer_init(&writer, json);
    json_write_object_begin(&writer);
    if (target->program != NULL)
        write_bridge(&writer, target);
    else
        write_http(self, &writer, target);
    json_write_object_end(&writer);
}

struct text
connect_token_input(void)
{
    return TEXT("{\"type\":\"promptString\",\"id\":\"forge-token\","
                "\"description\":\"context-forge token\",\"password\":true}");
}

/* For a shell: single quotes, and those inside as '\''. */
static void
write_quoted(struct buffer *line, const char *word)
{
    buffer_add_byte(line, '\'');
    for (const char *at = word; *at != '\0'; at++) {
        if (*at == '\'')
            buffer_add_text(line, TEXT("'\\''"));
        else
            buffer_add_byte(line, *at);
    }
    buffer_add_byte(line, '\'');
}

/* The user's own settings hold the token itself, which the shell puts in. */
static void
write_token_header(struct buffer *line, const char *token_file)
{
    buffer_format(line, " --header \"Authorization: Bearer $(cat ");
    write_quoted(line, token_file);
    buffer_format(line, ")\"");
}

static void
write_claude_command(const char *name, const struct connect_target *target, struct buffer *line)
{
    buffer_format(line, "claude mcp add --scope user ");
    if (target->program == NULL)
        buffer_format(line, "--transport http ");
    write_quoted(line, name);
    buffer_add_byte(line, ' ');
    if (target->program == NULL) {
        write_quoted(line, target->url);
        if (target->token_file != NULL)
            write_token_header(line, target->token_file);
        return;
    }
    buffer_format(line, "-- ");
    write_quoted(line, target->program);
    buffer_format(line, " mcp stdio --url ");
    write_quoted(line, target->url);
    if (target->token_file == NULL)
        return;
    buffer_format(line, " --token-file ");
    write_quoted(line, target->token_file);
}

void
connect_client_command(const struct connect_client *self, const char *name,
    const struct connect_target *target, struct buffer *line)
{
    if (strcmp(self->name, "claude") == 0) {
        write_claude_command(name, target, line);
        return;
    }
    CLEANUP(buffer_release) struct buffer value = {0};
    CLEANUP(buffer_release) struct buffer json = {0};
    connect_client_write(self, target, &value);
    buffer_format(&json, "{\"name\":\"");
    json_escape(&json, text_of(name));
    buffer_format(&json, "\",%.*s", (int)value.length - 1, value.data + 1);
    buffer_format(line, "code --add-mcp ");
    write_quoted(line, buffer_string(&json));
}
