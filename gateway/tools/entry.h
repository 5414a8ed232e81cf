/* entry: stored entries as the tools' results show them; and small conversions from protobuf. */
#pragma once

#include "context.pb-c.h"

#include "common/base/text.h"
#include "common/json/writer.h"
#include "gateway/tools/arguments.h"

static inline struct text
entry_text(ProtobufCBinaryData data)
{
    return text_from(data.data, data.len);
}

/* A text as protobuf bytes; borrowed, and not written to by packing. */
ProtobufCBinaryData entry_bytes(struct text text);
ProtobufCBinaryData entry_id_bytes(const struct uuid *id);

/* The scope of a SCOPE argument; SCOPE_UNSET when it was not given. */
Forge__Scope entry_scope(const struct argument_value *value);
const char *entry_scope_name(Forge__Scope scope);

/* Each writes key and value; nothing when the value is empty or 0. */
void entry_write_id(struct json_writer *writer, const char *key, ProtobufCBinaryData id);
void entry_write_string(struct json_writer *writer, const char *key, const char *value);
void entry_write_time(struct json_writer *writer, const char *key, int64_t wall_ms);
void entry_write_strings(
    struct json_writer *writer, const char *key, char *const *values, size_t count);

/* Writes an id as a value. */
void entry_write_id_value(struct json_writer *writer, ProtobufCBinaryData id);

/* Writes into the open object: id, kind, title, where it belongs, who wrote it and when. Never the
 * content. */
void entry_write_head(struct json_writer *writer, const Forge__Entry *entry);
