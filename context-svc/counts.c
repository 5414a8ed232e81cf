#include "context-svc/counts.h"

#include "records.pb-c.h"

#include "context-svc/entry.h"

static uint64_t
changed(uint64_t count, int change)
{
    if (change >= 0)
        return count + (uint64_t)change;
    uint64_t less = (uint64_t)-change;
    return count > less ? count - less : 0;
}

void
context_counts_add(struct context_write *self, int entries, int sessions)
{
    struct context_key key = context_key_counts(self->tenant_number);
    CLEANUP(store_value_release) struct store_value value = {0};
    enum status status = context_write_get(self, &key, &value);
    Context__Counts counts = CONTEXT__COUNTS__INIT;
    if (status == STATUS_OK) {
        const Context__Counts *read = context__counts__unpack(
            &self->arena->allocator, value.bytes.length, (const uint8_t *)value.bytes.data);
        if (read)
            counts = *read;
        else
            status = STATUS_DATA_LOSS;
    }
    if (status != STATUS_OK && status != STATUS_NOT_FOUND) {
        context_writer_spoil(self->writer, status, "the tenant's counts");
        return;
    }
    counts.entries = changed(counts.entries, entries);
    counts.sessions_open = changed(counts.sessions_open, sessions);
    context_write_put_message(self, &key, &counts.base);
}

void
context_counts_add_project(struct context_write *self, const Forge__Entry *entry, int change)
{
    struct context_key key = context_key_project_count(
        self->tenant_number, text_of(entry->project), context_entry_owner(entry));
    CLEANUP(store_value_release) struct store_value value = {0};
    enum status status = context_write_get(self, &key, &value);
    Context__ProjectCount count = CONTEXT__PROJECT_COUNT__INIT;
    if (status == STATUS_OK) {
        const Context__ProjectCount *read = context__project_count__unpack(
            &self->arena->allocator, value.bytes.length, (const uint8_t *)value.bytes.data);
        if (read)
            count = *read;
        else
            status = STATUS_DATA_LOSS;
    }
    if (status != STATUS_OK && status != STATUS_NOT_FOUND) {
        context_writer_spoil(self->writer, status, "a project's count");
        return;
    }
    count.entries = changed(count.entries, change);
    if (count.entries)
        context_write_put_message(self, &key, &count.base);
    else
        context_write_delete(self, &key);
}
