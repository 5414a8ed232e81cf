#include "gateway/tools/tool.h"

static void write_list(const struct argument_list *list, struct json_writer *writer);

static void
write_strings(struct json_writer *writer)
{
    json_write_string(writer, "array");
    json_write_key(writer, "items");
    json_write_object_begin(writer);
    json_write_key(writer, "type");
    json_write_string(writer, "string");
    json_write_object_end(writer);
}

static void
write_words(const struct argument *argument, struct json_writer *writer)
{
    json_write_string(writer, "string");
    if (argument->flags & ARGUMENT_TERSE)
        return;
    json_write_key(writer, "enum");
    json_write_array_begin(writer);
    for (size_t i = 0; argument->words[i]; i++)
        json_write_string(writer, argument->words[i]);
    json_write_array_end(writer);
}

static void
write_argument(const struct argument *argument, struct json_writer *writer)
{
    json_write_object_begin(writer);
    json_write_key(writer, "type");
    switch (argument->type) {
    case ARGUMENT_TEXT:
    case ARGUMENT_ID:
    case ARGUMENT_TIME: json_write_string(writer, "string"); break;
    case ARGUMENT_WORD: write_words(argument, writer); break;
    case ARGUMENT_INTEGER: json_write_string(writer, "integer"); break;
    case ARGUMENT_RATIO: json_write_string(writer, "number"); break;
    case ARGUMENT_BOOLEAN: json_write_string(writer, "boolean"); break;
    case ARGUMENT_TEXTS:
    case ARGUMENT_IDS: write_strings(writer); break;
    case ARGUMENT_OBJECT:
        json_write_string(writer, "object");
        json_write_key(writer, "properties");
        write_list(argument->fields, writer);
        break;
    }
    if (argument->description) {
        json_write_key(writer, "description");
        json_write_string(writer, argument->description);
    }
    if (argument->flags & ARGUMENT_HEADER) {
        json_write_key(writer, "x-mcp-header");
        json_write_string(writer, TOOL_HEADER);
    }
    json_write_object_end(writer);
}

static void
write_list(const struct argument_list *list, struct json_writer *writer)
{
    json_write_object_begin(writer);
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i].flags & ARGUMENT_HIDDEN)
            continue;
        json_write_key(writer, list->items[i].name);
        write_argument(&list->items[i], writer);
    }
    json_write_object_end(writer);
}

void
tool_write_input_schema(const struct tool *self, struct json_writer *writer)
{
    json_write_object_begin(writer);
    json_write_key(writer, "type");
    json_write_string(writer, "object");
    json_write_key(writer, "properties");
    write_list(&self->arguments, writer);
    bool open = false;
    for (size_t i = 0; i < self->arguments.count; i++) {
        if (!(self->arguments.items[i].flags & ARGUMENT_REQUIRED))
            continue;
        if (!open) {
            json_write_key(writer, "required");
            json_write_array_begin(writer);
            open = true;
        }
        json_write_string(writer, self->arguments.items[i].name);
    }
    if (open)
        json_write_array_end(writer);
    json_write_object_end(writer);
}

/* One word of tool.output: "entries:objects". */
static void
write_output_member(struct json_writer *writer, struct text word)
{
    const char *colon = memchr(word.data, ':', word.length);
    size_t name_length = (size_t)(colon - word.data);
    struct text type = text_from(colon + 1, word.length - name_length - 1);
    bool many = type.data[type.length - 1] == 's';
    json_write_key_text(writer, text_from(word.data, name_length));
    json_write_object_begin(writer);
    json_write_key(writer, "type");
    if (many) {
        json_write_string(writer, "array");
        json_write_key(writer, "items");
        json_write_object_begin(writer);
        json_write_key(writer, "type");
        json_write_text(writer, text_from(type.data, type.length - 1));
        json_write_object_end(writer);
    } else {
        json_write_text(writer, type);
    }
    json_write_object_end(writer);
}

/* Nothing is required, since a failure's {"error":…} is described by the same schema and some
 * clients check it too. */
static void
write_output_schema(const struct tool *self, struct json_writer *writer)
{
    json_write_object_begin(writer);
    json_write_key(writer, "type");
    json_write_string(writer, "object");
    json_write_key(writer, "properties");
    json_write_object_begin(writer);
    for (const char *at = self->output; *at;) {
        size_t length = strcspn(at, " ");
        write_output_member(writer, text_from(at, length));
        at += length + (at[length] == ' ');
    }
    json_write_object_end(writer);
    json_write_object_end(writer);
}

static void
write_annotations(const struct tool *self, struct json_writer *writer)
{
    json_write_object_begin(writer);
    json_write_key(writer, "readOnlyHint");
    json_write_boolean(writer, self->flags & TOOL_READS);
    json_write_key(writer, "destructiveHint");
    json_write_boolean(writer, self->flags & TOOL_DESTROYS);
    json_write_key(writer, "idempotentHint");
    json_write_boolean(writer, self->flags & (TOOL_READS | TOOL_REPEATABLE));
    json_write_key(writer, "openWorldHint");
    json_write_boolean(writer, false);
    json_write_object_end(writer);
}

void
tool_write(const struct tool *self, struct json_writer *writer)
{
    json_write_object_begin(writer);
    json_write_key(writer, "name");
    json_write_string(writer, self->name);
    json_write_key(writer, "title");
    json_write_string(writer, self->title);
    json_write_key(writer, "description");
    json_write_string(writer, self->description);
    json_write_key(writer, "inputSchema");
    tool_write_input_schema(self, writer);
    json_write_key(writer, "outputSchema");
    write_output_schema(self, writer);
    json_write_key(writer, "annotations");
    write_annotations(self, writer);
    json_write_object_end(writer);
}
