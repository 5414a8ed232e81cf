#include "gateway/tools/entry.h"

#include "common/base/clock.h"
#include "common/base/uuid.h"
#include "gateway/tools/common_arguments.h"

const char *const tool_scopes[] = {"private", "project", "team", NULL};

ProtobufCBinaryData
entry_bytes(struct text text)
{
    /* protobuf-c has no const variant of bytes. */
    return (ProtobufCBinaryData){text.length, (uint8_t *)text.data};
}

ProtobufCBinaryData
entry_id_bytes(const struct uuid *id)
{
    return (ProtobufCBinaryData){UUID_SIZE, (uint8_t *)id->bytes};
}

Forge__Scope
entry_scope(const struct argument_value *value)
{
    return value->given ? (Forge__Scope)(value->integer + 1) : FORGE__SCOPE__SCOPE_UNSET;
}

const char *
entry_scope_name(Forge__Scope scope)
{
    if (scope < FORGE__SCOPE__PRIVATE || scope > FORGE__SCOPE__TEAM)
        return NULL;
    return tool_scopes[scope - 1];
}

void
entry_write_id_value(struct json_writer *writer, ProtobufCBinaryData id)
{
    struct uuid uuid;
    char words[UUID_TEXT_SIZE];
    if (id.len != UUID_SIZE) {
        json_write_null(writer);
        return;
    }
    memcpy(uuid.bytes, id.data, UUID_SIZE);
    uuid_format(&uuid, words);
    json_write_text(writer, text_from(words, UUID_TEXT_SIZE - 1));
}

void
entry_write_id(struct json_writer *writer, const char *key, ProtobufCBinaryData id)
{
    if (id.len != UUID_SIZE)
        return;
    json_write_key(writer, key);
    entry_write_id_value(writer, id);
}

void
entry_write_string(struct json_writer *writer, const char *key, const char *value)
{
    if (!value || !*value)
        return;
    json_write_key(writer, key);
    json_write_string(writer, value);
}

void
entry_write_time(struct json_writer *writer, const char *key, int64_t wall_ms)
{
    if (!wall_ms)
        return;
    char words[CLOCK_TEXT_SIZE];
    clock_format(wall_ms, words);
    json_write_key(writer, key);
    json_write_string(writer, words);
}

void
entry_write_strings(struct json_writer *writer, const char *key, char *const *values, size_t count)
{
    if (!count)
        return;
    json_write_key(writer, key);
    json_write_array_begin(writer);
    for (size_t i = 0; i < count; i++)
        json_write_string(writer, values[i]);
    json_write_array_end(writer);
}

static void
write_links(struct json_writer *writer, const Forge__Entry *entry)
{
    if (!entry->n_links)
        return;
    json_write_key(writer, "links");
    json_write_array_begin(writer);
    for (size_t i = 0; i < entry->n_links; i++) {
        json_write_object_begin(writer);
        entry_write_string(writer, "type", entry->links[i]->type);
        entry_write_id(writer, "to", entry->links[i]->to);
        json_write_object_end(writer);
    }
    json_write_array_end(writer);
}

void
entry_write_head(struct json_writer *writer, const Forge__Entry *entry)
{
    entry_write_id(writer, "id", entry->id);
    entry_write_string(writer, "kind", entry->kind);
    if (entry->title.len) {
        json_write_key(writer, "title");
        json_write_text(writer, entry_text(entry->title));
    }
    entry_write_string(writer, "project", entry->project);
    entry_write_strings(writer, "tags", entry->tags, entry->n_tags);
    entry_write_string(writer, "scope", entry_scope_name(entry->scope));
    entry_write_string(writer, "author", entry->author);
    entry_write_string(writer, "client", entry->client);
    entry_write_string(writer, "session", entry->session);
    entry_write_string(writer, "branch", entry->branch);
    entry_write_time(writer, "created_at", entry->created_at_ms);
    entry_write_time(writer, "updated_at", entry->updated_at_ms);
    if (entry->version) {
        json_write_key(writer, "version");
        json_write_unsigned(writer, entry->version);
    }
    if (entry->pinned) {
        json_write_key(writer, "pinned");
        json_write_boolean(writer, true);
    }
    entry_write_time(writer, "expires_at", entry->expires_at_ms);
    entry_write_id(writer, "supersedes", entry->supersedes);
    entry_write_id(writer, "superseded_by", entry->superseded_by);
    write_links(writer, entry);
}
