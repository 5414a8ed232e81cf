#include "context-svc/dedupe.h"

#include "records.pb-c.h"

static const int64_t window_ms = 24LL * 3600 * 1000;

enum status
context_dedupe_find(struct context_write *self, struct context_dedupe_found *found)
{
    struct context_key key = context_key_dedupe(self->tenant_number, self->key);
    CLEANUP(store_value_release) struct store_value value = {0};
    enum status status = context_write_get(self, &key, &value);
    if (status != STATUS_OK)
        return status;
    const Context__DedupeRecord *record = context__dedupe_record__unpack(
        &self->arena->allocator, value.bytes.length, (const uint8_t *)value.bytes.data);
    if (!record) {
        problem_set(&self->problem, "the record of this idempotency key is damaged");
        return STATUS_DATA_LOSS;
    }
    struct text staged;
    bool deleted;
    *found = (struct context_dedupe_found){
        .same_request = record->request_hash.len == KEY_HASH_SIZE &&
                        memcmp(record->request_hash.data, self->request_hash, KEY_HASH_SIZE) == 0,
        .staged = context_stage_find(
            context_writer_stage(self->writer), context_key_text(&key), &staged, &deleted),
        .sequence = record->sequence,
        .reply = text_of_bytes(record->reply)};
    return STATUS_OK;
}

void
context_dedupe_put(struct context_write *self, const ProtobufCMessage *reply)
{
    size_t size = protobuf_c_message_get_packed_size(reply);
    uint8_t *packed = arena_new(self->arena, size + 1);
    protobuf_c_message_pack(reply, packed);
    Context__DedupeRecord record = CONTEXT__DEDUPE_RECORD__INIT;
    record.request_hash = (ProtobufCBinaryData){.data = self->request_hash, .len = KEY_HASH_SIZE};
    record.reply = (ProtobufCBinaryData){.data = packed, .len = size};
    record.sequence = self->sequence;
    record.created_at_ms = self->now_ms;
    struct context_key key = context_key_dedupe(self->tenant_number, self->key);
    context_write_put_message(self, &key, &record.base);
    struct context_key age = context_key_dedupe_age(self->now_ms, self->tenant_number, self->key);
    context_write_put(self, &age, TEXT(""));
}

bool
context_dedupe_expire(struct context_writer *writer, int64_t now_ms, unsigned limit)
{
    struct context_key from = context_key_letter('g');
    struct context_key to = context_key_dedupe_age(
        now_ms > window_ms ? now_ms - window_ms : 0, 0, (const uint8_t[KEY_DEDUPE_SIZE]){0});
    CLEANUP(store_scan_destroy)
    struct store_scan *scan = store_scan_create(context_view_snapshot(context_writer_view(writer)),
        context_key_text(&from), context_key_text(&to), false);
    struct text row;
    struct text value;
    unsigned removed = 0;
    while (removed < limit && store_scan_next(scan, &row, &value)) {
        struct context_key age = {.length = row.length};
        memcpy(age.bytes, row.data, row.length);
        const char *tenant = row.data + row.length - KEY_DEDUPE_SIZE - 4;
        struct context_key key = context_key_dedupe(context_number_read32(tenant),
            (const uint8_t *)row.data + row.length - KEY_DEDUPE_SIZE);
        context_stage_delete(context_writer_stage(writer), &key);
        context_stage_delete(context_writer_stage(writer), &age);
        removed++;
    }
    if (store_scan_status(scan) != STATUS_OK)
        context_writer_spoil(writer, STATUS_DATA_LOSS, "the list of idempotency keys");
    return removed == limit;
}
