/* Handlers of forge.Transfer: pages between messages and the store's transfer. */
#include <stdlib.h>

#include "common/base/clock.h"
#include "common/base/memory.h"
#include "context-svc/handlers.h"
#include "context-svc/lanes.h"

static void
reply_page(const struct transfer_page *page, Forge__ExportReply_Closure closure, void *data)
{
    Forge__Record *records = memory_array(page->count + 1, sizeof *records);
    Forge__Record **list = memory_array(page->count + 1, sizeof *list);
    for (size_t i = 0; i < page->count; i++) {
        forge__record__init(&records[i]);
        records[i].key = bytes_of_text(page->records[i].key);
        records[i].value = bytes_of_text(page->records[i].value);
        list[i] = &records[i];
    }
    Forge__ExportReply reply = FORGE__EXPORT_REPLY__INIT;
    reply.export_id = bytes_of_text(page->export_id);
    reply.records = list;
    reply.n_records = page->count;
    reply.last = page->last;
    reply.sequence = page->sequence;
    reply.format = page->format;
    reply.approximate_bytes = page->approximate_bytes;
    closure(&reply, data);
    free(list);
    free(records);
}

void
context_transfer_on_export(Forge__Transfer_Service *service, const Forge__ExportRequest *input,
    Forge__ExportReply_Closure closure, void *closure_data)
{
    (void)service;
    struct context_export_state *state = rpc_request_state(closure_data);
    const struct transfer_export_request request = {.export_id = text_of_bytes(input->export_id),
        .after_key = text_of_bytes(input->after_key),
        .max_bytes = input->max_bytes,
        .finish = input->finish};
    struct transfer_page page;
    struct problem problem = {{0}};
    enum status status =
        transfer_export(state->exports, &request, clock_monotonic_ms(), &page, &problem);
    if (status == STATUS_OK)
        reply_page(&page, closure, closure_data);
    else
        rpc_request_fail(closure_data, status, "%s", problem.text);
}

static enum status
import_page(struct context_writer_state *state, const Forge__ImportRequest *input,
    Forge__ImportReply *reply, struct problem *problem)
{
    struct transfer_record *records = memory_array(input->n_records + 1, sizeof *records);
    for (size_t i = 0; i < input->n_records; i++)
        records[i] = (struct transfer_record){.key = text_of_bytes(input->records[i]->key),
            .value = text_of_bytes(input->records[i]->value)};
    const struct transfer_import_request request = {.import_id = text_of_bytes(input->import_id),
        .records = records,
        .count = input->n_records,
        .last = input->last,
        .sequence = input->sequence,
        .record_count = input->record_count,
        .format = input->format,
        .abort = input->abort,
        /* A store where nobody has saved anything holds the health proof's canary at most. */
        .discard = context_tenants_are_new(context_writer_tenants(state->writer))};
    struct transfer_imported imported;
    enum status status =
        transfer_import(state->import, &request, clock_monotonic_ms(), &imported, problem);
    free(records);
    if (status != STATUS_OK)
        return status;
    reply->import_id = bytes_of_text(imported.import_id);
    reply->imported = imported.records;
    return STATUS_OK;
}

/* At its end the store is another one, full or empty: tenants and indexes are read from it. */
static enum status
take_up(struct context_writer_state *state, enum status status, struct problem *problem)
{
    if (transfer_import_is_running(state->import) ||
        !context_tenants_are_new(context_writer_tenants(state->writer)))
        return status;
    struct problem reload = {{0}};
    enum status loaded = context_writer_reload(state->writer, &reload);
    if (status != STATUS_OK || loaded == STATUS_OK)
        return status;
    *problem = reload;
    return loaded;
}

void
context_transfer_on_import(Forge__Transfer_Service *service, const Forge__ImportRequest *input,
    Forge__ImportReply_Closure closure, void *closure_data)
{
    (void)service;
    struct context_writer_state *state = rpc_request_state(closure_data);
    struct problem problem = {{0}};
    Forge__ImportReply reply = FORGE__IMPORT_REPLY__INIT;
    enum status status = context_writer_flush(state->writer, &problem);
    if (status == STATUS_OK)
        status = import_page(state, input, &reply, &problem);
    status = take_up(state, status, &problem);
    if (status != STATUS_OK) {
        rpc_request_fail(closure_data, status, "%s", problem.text);
        return;
    }
    rpc_request_set_outcome(
        closure_data, OUTCOME_COMMITTED, store_sequence(context_writer_store(state->writer)));
    closure(&reply, closure_data);
}
