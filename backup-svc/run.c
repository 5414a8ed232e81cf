/* Making a backup: page after page of each service's export into its record file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backup-svc/peer.h"
#include "backup-svc/work.h"
#include "common/base/buffer.h"
#include "common/base/clock.h"
#include "common/base/memory.h"
#include "common/process/program.h"

/* One store on its way. */
struct copying {
    struct work *work;
    const char *path;              /* of the record file */
    struct records_writer *writer; /* NULL before the first page */
    struct buffer export_id;
    struct buffer last_key;
    bool last;
};

static void
copying_release(struct copying *self)
{
    records_writer_destroy(&self->writer);
    buffer_release(&self->export_id);
    buffer_release(&self->last_key);
}

static void
keep(struct buffer *kept, const ProtobufCBinaryData *bytes)
{
    buffer_clear(kept);
    buffer_add(kept, bytes->data, bytes->len);
}

static enum status
on_page(void *argument, const Forge__ExportReply *page, struct problem *problem)
{
    struct copying *self = argument;
    enum status status = STATUS_OK;
    if (!self->writer)
        status = records_writer_create(self->path, self->work->min_free_bytes, page->format,
            page->sequence, &self->writer, problem);
    for (size_t i = 0; status == STATUS_OK && i < page->n_records; i++) {
        const Forge__Record *record = page->records[i];
        status = records_writer_add(self->writer, text_from(record->key.data, record->key.len),
            text_from(record->value.data, record->value.len), problem);
    }
    if (status != STATUS_OK)
        return status;
    keep(&self->export_id, &page->export_id);
    if (page->n_records)
        keep(&self->last_key, &page->records[page->n_records - 1]->key);
    self->last = page->last;
    if (page->last || page->n_records)
        return STATUS_OK;
    problem_set(problem, "an export page holds nothing and is not the last");
    return STATUS_INTERNAL;
}

static ProtobufCBinaryData
bytes_of(const struct buffer *buffer)
{
    return (ProtobufCBinaryData){buffer->length, (uint8_t *)buffer->data};
}

static enum status
on_finished(void *argument, const Forge__ExportReply *page, struct problem *problem)
{
    (void)argument;
    (void)page;
    (void)problem;
    return STATUS_OK;
}

/* Every page, and then the service may let its snapshot go; that it would do by itself too. */
static enum status
copy_pages(struct copying *self, struct peer *peer, struct problem *problem)
{
    while (!self->last) {
        if (atomic_load(&self->work->stopping)) {
            problem_set(problem, "the program is ending");
            return STATUS_CANCELLED;
        }
        Forge__ExportRequest request = FORGE__EXPORT_REQUEST__INIT;
        request.export_id = bytes_of(&self->export_id);
        request.after_key = bytes_of(&self->last_key);
        enum status status = peer_export(peer, &request, on_page, self, problem);
        if (status != STATUS_OK)
            return status;
    }
    Forge__ExportRequest finish = FORGE__EXPORT_REQUEST__INIT;
    finish.export_id = bytes_of(&self->export_id);
    finish.finish = true;
    struct problem unheard;
    enum status status = peer_export(peer, &finish, on_finished, self, &unheard);
    (void)status;
    return STATUS_OK;
}

static enum status
copy_store(struct work *self, const struct work_source *source, const char *folder,
    struct manifest_copy *copy, struct problem *problem)
{
    CLEANUP(buffer_release) struct buffer path = {0};
    buffer_format(&path, "%s/%s.records", folder, source->service);
    CLEANUP(copying_release)
    struct copying copying = {.work = self, .path = buffer_string(&path)};
    CLEANUP(peer_destroy)
    struct peer *peer = peer_create(source->service, source->endpoint, &self->stopping);
    enum status status = copy_pages(&copying, peer, problem);
    if (status == STATUS_OK)
        status = records_writer_finish(copying.writer, &copy->summary, problem);
    snprintf(copy->service, sizeof copy->service, "%s", source->service);
    return status;
}

static enum status
copy_stores(
    struct work *self, const char *folder, struct manifest *manifest, struct problem *problem)
{
    for (size_t i = 0; i < self->source_count; i++) {
        enum status status = copy_store(
            self, &self->sources[i], folder, &manifest->copies[manifest->copy_count], problem);
        if (status != STATUS_OK)
            return status;
        manifest->copy_count++;
    }
    return STATUS_OK;
}

enum status
work_run(struct work *self, struct backup_id id, const char *note, struct manifest *manifest,
    struct problem *problem)
{
    *manifest = (struct manifest){.id = id, .started_at_ms = clock_wall_ms()};
    snprintf(manifest->version, sizeof manifest->version, "%s", program_version());
    snprintf(manifest->note, sizeof manifest->note, "%s", note);
    CLEANUP(memory_free) char *folder = NULL;
    enum status status = archive_begin(self->archive, id, &folder, problem);
    if (status != STATUS_OK)
        return status;
    status = copy_stores(self, folder, manifest, problem);
    manifest->finished_at_ms = clock_wall_ms();
    if (status == STATUS_OK)
        status = archive_complete(self->archive, manifest, problem);
    if (status == STATUS_OK)
        return STATUS_OK;
    snprintf(manifest->problem, sizeof manifest->problem, "%s", problem->text);
    archive_break(self->archive, manifest);
    return status;
}
