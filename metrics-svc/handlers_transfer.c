/* Handlers of forge.Transfer: pages between messages and the store's transfer. */
#include "common/base/memory.h"
#include "metrics-svc/lanes.h"

static struct text
text_of_bytes(ProtobufCBinaryData bytes)
{
    return text_from(bytes.data, bytes.len);
}

static ProtobufCBinaryData
bytes_of_text(struct text text)
{
    return (ProtobufCBinaryData){text.length, (uint8_t *)text.data};
}

static void
answer_export(
    const struct transfer_page *page, Forge__ExportReply_Closure closure, void *closure_data)
{
    CLEANUP(memory_free) Forge__Record *records = memory_array(page->count, sizeof *records);
    CLEANUP(memory_free) Forge__Record **list = memory_array(page->count, sizeof(void *));
    for (size_t i = 0; i < page->count; i++) {
        forge__record__init(&records[i]);
        records[i].key = bytes_of_text(page->records[i].key);
        records[i].value = bytes_of_text(page->records[i].value);
        list[i] = &records[i];
    }
    Forge__ExportReply reply = FORGE__EXPORT_REPLY__INIT;
    reply.export_id = bytes_of_text(page->export_id);
    reply.n_records = page->count;
    reply.records = list;
    reply.last = page->last;
    reply.sequence = page->sequence;
    reply.format = page->format;
    reply.approximate_bytes = page->approximate_bytes;
    closure(&reply, closure_data);
}

void
metrics_on_export(Forge__Transfer_Service *service, const Forge__ExportRequest *input,
    Forge__ExportReply_Closure closure, void *closure_data)
{
    (void)service;
    struct writer_state *state = rpc_request_state(closure_data);
    const struct transfer_export_request request = {.export_id = text_of_bytes(input->export_id),
        .after_key = text_of_bytes(input->after_key),
        .max_bytes = input->max_bytes,
        .finish = input->finish};
    struct transfer_page page;
    struct problem problem = {{0}};
    enum status status = metrics_writer_export(state->writer, &request, &page, &problem);
    if (status == STATUS_OK)
        answer_export(&page, closure, closure_data);
    else
        rpc_request_fail(closure_data, status, "%s", problem.text);
}

void
metrics_on_import(Forge__Transfer_Service *service, const Forge__ImportRequest *input,
    Forge__ImportReply_Closure closure, void *closure_data)
{
    (void)service;
    struct writer_state *state = rpc_request_state(closure_data);
    CLEANUP(memory_free)
    struct transfer_record *records = memory_array(input->n_records, sizeof *records);
    for (size_t i = 0; i < input->n_records; i++)
        records[i] = (struct transfer_record){
            text_of_bytes(input->records[i]->key), text_of_bytes(input->records[i]->value)};
    struct transfer_import_request request = {.import_id = text_of_bytes(input->import_id),
        .records = records,
        .count = input->n_records,
        .last = input->last,
        .sequence = input->sequence,
        .record_count = input->record_count,
        .format = input->format,
        .abort = input->abort};
    struct transfer_imported imported;
    struct problem problem = {{0}};
    enum status status = metrics_writer_import(state->writer, &request, &imported, &problem);
    if (status != STATUS_OK) {
        rpc_request_fail(closure_data, status, "%s", problem.text);
        return;
    }
    Forge__ImportReply reply = FORGE__IMPORT_REPLY__INIT;
    reply.import_id = bytes_of_text(imported.import_id);
    reply.imported = imported.records;
    rpc_request_set_outcome(closure_data, OUTCOME_COMMITTED, input->last ? input->sequence : 0);
    closure(&reply, closure_data);
}
