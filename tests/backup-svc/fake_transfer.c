#include "fake_transfer.h"

#include <stdlib.h>
#include <unistd.h>

#include "transfer.pb-c.h"

#include "common/base/clock.h"
#include "common/base/memory.h"
#include "common/rpc/server.h"
#include "common/store/transfer.h"

struct fake {
    struct fake_transfer_options options;
    struct rpc_server *server;
    struct transfer_exports *exports;
    struct transfer_import *import;
    unsigned pages;
    Forge__Transfer_Service transfer;
};

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
reply_page(const struct transfer_page *page, Forge__ExportReply_Closure closure, void *data)
{
    Forge__Record *records = memory_array(page->count + 1, sizeof *records);
    Forge__Record **pointers = memory_array(page->count + 1, sizeof(void *));
    Forge__ExportReply reply = FORGE__EXPORT_REPLY__INIT;
    for (size_t i = 0; i < page->count; i++) {
        forge__record__init(&records[i]);
        records[i].key = bytes_of_text(page->records[i].key);
        records[i].value = bytes_of_text(page->records[i].value);
        pointers[i] = &records[i];
    }
    reply.export_id = bytes_of_text(page->export_id);
    reply.records = pointers;
    reply.n_records = page->count;
    reply.last = page->last;
    reply.sequence = page->sequence;
    reply.format = page->format;
    closure(&reply, data);
    free(pointers);
    free(records);
}

static void
on_export(Forge__Transfer_Service *service, const Forge__ExportRequest *input,
    Forge__ExportReply_Closure closure, void *closure_data)
{
    (void)service;
    struct fake *self = rpc_request_state(closure_data);
    struct problem problem = {0};
    struct transfer_page page = {0};
    struct transfer_export_request request = {
        .export_id = text_of_bytes(input->export_id),
        .after_key = text_of_bytes(input->after_key),
        .max_bytes = self->options.page_records ? self->options.page_records * 100 : 0,
        .finish = input->finish,
    };
    usleep(self->options.slow_ms * 1000);
    if (self->options.fails_after && self->pages++ >= self->options.fails_after) {
        rpc_request_fail(closure_data, STATUS_INTERNAL, "the export was told to fail");
        return;
    }
    enum status status =
        transfer_export(self->exports, &request, clock_monotonic_ms(), &page, &problem);
    if (status == STATUS_OK)
        reply_page(&page, closure, closure_data);
    else
        rpc_request_fail(closure_data, status, "%s", problem.text);
}

static void
on_import(Forge__Transfer_Service *service, const Forge__ImportRequest *input,
    Forge__ImportReply_Closure closure, void *closure_data)
{
    (void)service;
    struct fake *self = rpc_request_state(closure_data);
    struct problem problem = {0};
    struct transfer_imported imported = {0};
    struct transfer_record *records = memory_array(input->n_records + 1, sizeof *records);
    for (size_t i = 0; i < input->n_records; i++) {
        records[i].key = text_of_bytes(input->records[i]->key);
        records[i].value = text_of_bytes(input->records[i]->value);
    }
    struct transfer_import_request request = {
        .import_id = text_of_bytes(input->import_id),
        .records = records,
        .count = input->n_records,
        .last = input->last,
        .sequence = input->sequence,
        .record_count = input->record_count,
        .format = input->format,
        .abort = input->abort,
    };
    enum status status =
        transfer_import(self->import, &request, clock_monotonic_ms(), &imported, &problem);
    free(records);
    if (status != STATUS_OK) {
        rpc_request_fail(closure_data, status, "%s", problem.text);
        return;
    }
    Forge__ImportReply reply = FORGE__IMPORT_REPLY__INIT;
    reply.import_id = bytes_of_text(imported.import_id);
    reply.imported = imported.records;
    closure(&reply, closure_data);
}

static const struct rpc_rule rules[] = {
    {&forge__transfer__descriptor, "Export", LANE_ROUTER, ROLE_PROGRAM},
    {&forge__transfer__descriptor, "Import", LANE_ROUTER, ROLE_PROGRAM},
};

static void
destroy(void **self_p)
{
    struct fake *self = TAKE(*self_p);
    if (!self)
        return;
    rpc_server_destroy(&self->server);
    transfer_exports_destroy(&self->exports);
    transfer_import_destroy(&self->import);
    free(self);
}

static enum status
create(const void *options, void **self_p, struct problem *problem)
{
    struct fake *self = memory_new(sizeof *self);
    self->options = *(const struct fake_transfer_options *)options;
    self->exports = transfer_exports_create(self->options.store);
    self->import = transfer_import_create(self->options.store);
    self->transfer = (Forge__Transfer_Service)FORGE__TRANSFER__INIT(on_);
    ProtobufCService *services[] = {&self->transfer.base};
    struct rpc_server_options server = {
        .endpoint = self->options.endpoint,
        .instance = "fake",
        .services = services,
        .service_count = 1,
        .rules = rules,
        .rule_count = sizeof rules / sizeof *rules,
        .router_state = self,
    };
    enum status status = rpc_server_create(&server, &self->server, problem);
    *self_p = self;
    if (status != STATUS_OK)
        destroy(self_p);
    return status;
}

static zloop_t *
loop(void *self)
{
    return rpc_server_loop(((struct fake *)self)->server);
}

static const char *
endpoint(const void *self)
{
    return ((const struct fake *)self)->options.endpoint;
}

static void
drain(void *self)
{
    rpc_server_drain(((struct fake *)self)->server);
}

const struct rpc_actor fake_transfer_actor = {
    .name = "fake-transfer",
    .create = create,
    .destroy = destroy,
    .loop = loop,
    .endpoint = endpoint,
    .drain = drain,
};
