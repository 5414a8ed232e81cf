#include "gateway/tools/page.h"

#include "gateway/tools/base64.h"
#include "gateway/tools/entry.h"
#include "gateway/tools/limits.h"

/* The cursor's bytes: format 1, skip (big-endian), the service's cursor. */
enum { HEAD_BYTES = 3, FORMAT = 1, SKIP_MAX = 0xFFFF };

size_t
page_tail_bytes(const struct page *self, const ProtobufCBinaryData *next)
{
    size_t longer = self->service.len > next->len ? self->service.len : next->len;
    return sizeof ",\"truncated\":false,\"cursor\":\"\"" + BASE64_URL_LENGTH(HEAD_BYTES + longer);
}

bool
page_read(struct page *self, struct tool_call *call, const struct argument_value *cursor)
{
    *self = (struct page){0};
    if (!cursor->given)
        return true;
    uint8_t *bytes = arena_new(call->arena, LIMIT_CURSOR_BYTES);
    size_t size;
    if (base64_url_decode(cursor->text, bytes, LIMIT_CURSOR_BYTES, &size) && size >= HEAD_BYTES &&
        bytes[0] == FORMAT) {
        self->skip = (uint32_t)bytes[1] << 8 | bytes[2];
        self->service = (ProtobufCBinaryData){size - HEAD_BYTES, bytes + HEAD_BYTES};
        return true;
    }
    tool_call_refuse(call, STATUS_INVALID_ARGUMENT, "cursor",
        "%s: \"cursor\" is not one that %s gave. Pass the last answer's cursor unchanged, or leave "
        "it out to start at the beginning.",
        call->tool->name, call->tool->name);
    return false;
}

void
page_write_short(struct json_writer *writer, ProtobufCBinaryData id)
{
    json_write_object_begin(writer);
    entry_write_id(writer, "id", id);
    json_write_object_end(writer);
}

static void
write_cursor(struct json_writer *writer, uint32_t skip, const ProtobufCBinaryData *service)
{
    uint8_t bytes[HEAD_BYTES + LIMIT_CURSOR_BYTES];
    char text[BASE64_URL_LENGTH(sizeof bytes)];
    if (service->len > LIMIT_CURSOR_BYTES || skip > SKIP_MAX)
        return;
    bytes[0] = FORMAT;
    bytes[1] = (uint8_t)(skip >> 8);
    bytes[2] = (uint8_t)skip;
    if (service->len)
        memcpy(bytes + HEAD_BYTES, service->data, service->len);
    size_t size = HEAD_BYTES + service->len;
    base64_url_encode(bytes, size, text);
    json_write_key(writer, "cursor");
    json_write_text(writer, text_from(text, BASE64_URL_LENGTH(size)));
}

void
page_write_end(const struct page *self, const struct budget *budget, size_t shown,
    const ProtobufCBinaryData *next)
{
    json_write_key(budget->writer, "truncated");
    json_write_boolean(budget->writer, budget->cut);
    if (budget->cut)
        write_cursor(budget->writer, (uint32_t)shown, &self->service);
    else if (next->len)
        write_cursor(budget->writer, 0, next);
}
