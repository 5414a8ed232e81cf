/* Bringing a backup back. All imports are begun before the first record travels, so that a service
 * that refuses leaves the others as they were; all are ended only after every record of all came.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backup-svc/peer.h"
#include "backup-svc/work.h"
#include "common/base/buffer.h"
#include "common/base/clock.h"
#include "common/base/memory.h"

enum { PAGE_BYTES = 1 << 20, PAGE_RECORDS = 4096, ALIVE_MS = 10000 };

/* One store on its way back. */
struct returning {
    const struct manifest_copy *copy;
    struct peer *peer;
    struct peer_import_id id;
    bool begun;
    int64_t heard_ms; /* when the service last got something: it undoes idle imports */
};

struct restore {
    struct work *work;
    const struct manifest *manifest;
    struct returning stores[MANIFEST_COPIES_MAX];
    Forge__Record records[PAGE_RECORDS];
    Forge__Record *pointers[PAGE_RECORDS];
    struct buffer
        bytes; /* keys and values of the page, whose records hold offsets until it leaves */
    size_t count;
};

static ProtobufCBinaryData
id_of(const struct returning *store)
{
    return (ProtobufCBinaryData){store->id.length, (uint8_t *)store->id.bytes};
}

static enum status
send(struct returning *store, Forge__ImportRequest *request, struct problem *problem)
{
    request->import_id = id_of(store);
    request->format = store->copy->summary.format;
    store->heard_ms = clock_monotonic_ms();
    return peer_import(store->peer, request, &store->id, problem);
}

static enum status
begin(struct restore *self, struct returning *store, struct problem *problem)
{
    const struct work_source *source = NULL;
    for (size_t i = 0; i < self->work->source_count; i++)
        if (strcmp(self->work->sources[i].service, store->copy->service) == 0)
            source = &self->work->sources[i];
    if (!source) {
        problem_set(problem, "no %s service is configured to restore into", store->copy->service);
        return STATUS_FAILED_PRECONDITION;
    }
    store->peer = peer_create(source->service, source->endpoint, &self->work->stopping);
    Forge__ImportRequest request = FORGE__IMPORT_REQUEST__INIT;
    struct problem cause = {0};
    enum status status = send(store, &request, &cause);
    store->begun = status == STATUS_OK;
    if (status == STATUS_FAILED_PRECONDITION)
        problem_set(problem,
            "nothing was restored; %.110s. To restore into it: stop %s-svc, move its store's "
            "folder "
            "away, start it, restore again",
            cause.text, source->service);
    else
        problem_set(problem, "%s", cause.text);
    return status;
}

/* A large store may take longer than an idle import lives: the others hear of us meanwhile. */
static enum status
keep_alive(struct restore *self, const struct returning *busy, struct problem *problem)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < self->manifest->copy_count; i++) {
        struct returning *store = &self->stores[i];
        if (store == busy || clock_monotonic_ms() - store->heard_ms < ALIVE_MS)
            continue;
        Forge__ImportRequest request = FORGE__IMPORT_REQUEST__INIT;
        status = send(store, &request, problem);
    }
    return status;
}

static enum status
send_page(struct restore *self, struct returning *store, struct problem *problem)
{
    uint8_t *at = (uint8_t *)self->bytes.data;
    for (size_t i = 0; i < self->count; i++) {
        self->records[i].key.data = at;
        at += self->records[i].key.len;
        self->records[i].value.data = at;
        at += self->records[i].value.len;
        self->pointers[i] = &self->records[i];
    }
    Forge__ImportRequest request = FORGE__IMPORT_REQUEST__INIT;
    request.records = self->pointers;
    request.n_records = self->count;
    enum status status = send(store, &request, problem);
    self->count = 0;
    buffer_clear(&self->bytes);
    return status == STATUS_OK ? keep_alive(self, store, problem) : status;
}

static enum status
send_records(struct restore *self, struct returning *store, struct records_reader *reader,
    struct problem *problem)
{
    struct text key, value;
    while (records_reader_next(reader, &key, &value)) {
        size_t bytes = key.length + value.length;
        bool full =
            self->count == PAGE_RECORDS || (self->count && self->bytes.length + bytes > PAGE_BYTES);
        enum status status = full ? send_page(self, store, problem) : STATUS_OK;
        if (status != STATUS_OK)
            return status;
        Forge__Record *record = &self->records[self->count++];
        forge__record__init(record);
        record->key.len = key.length;
        record->value.len = value.length;
        buffer_add_text(&self->bytes, key);
        buffer_add_text(&self->bytes, value);
    }
    return self->count ? send_page(self, store, problem) : STATUS_OK;
}

/* The file was verified a moment ago; that it still is the same is checked before `last` goes. */
static enum status
send_store(
    struct restore *self, struct returning *store, const char *folder, struct problem *problem)
{
    CLEANUP(buffer_release) struct buffer path = {0};
    CLEANUP(records_reader_destroy) struct records_reader *reader = NULL;
    buffer_format(&path, "%s/%s.records", folder, store->copy->service);
    enum status status = records_reader_create(buffer_string(&path), &reader, problem);
    if (status == STATUS_OK)
        status = send_records(self, store, reader, problem);
    if (status == STATUS_OK)
        status = records_reader_end(reader, problem);
    if (status != STATUS_OK)
        return status;
    struct records_summary read = records_reader_summary(reader);
    if (memcmp(read.sha256, store->copy->summary.sha256, sizeof read.sha256) == 0)
        return STATUS_OK;
    problem_set(problem, "%s.records changed while it was restored", store->copy->service);
    return STATUS_DATA_LOSS;
}

/* The one moment in which the stores can come apart: so the words say who has what. */
static enum status
end(struct restore *self, struct returning *store, struct problem *problem)
{
    Forge__ImportRequest request = FORGE__IMPORT_REQUEST__INIT;
    request.last = true;
    request.sequence = store->copy->summary.sequence;
    request.record_count = store->copy->summary.records;
    struct problem cause = {0};
    enum status status = send(store, &request, &cause);
    store->begun = false;
    if (status != STATUS_OK)
        problem_set(problem, "%s%s%s%.160s", store == self->stores ? "" : "the ",
            store == self->stores ? "" : self->stores[0].copy->service,
            store == self->stores ? "" : " store is restored, but not this one: ", cause.text);
    return status;
}

static void
call_off(struct restore *self)
{
    for (size_t i = 0; i < self->manifest->copy_count; i++) {
        if (!self->stores[i].begun)
            continue;
        Forge__ImportRequest request = FORGE__IMPORT_REQUEST__INIT;
        request.abort = true;
        struct problem unheard;
        enum status status = send(&self->stores[i], &request, &unheard);
        (void)status; /* the service undoes it by itself after a while */
    }
}

static enum status
bring_back(struct restore *self, const char *folder, struct problem *problem)
{
    enum status status = STATUS_OK;
    size_t count = self->manifest->copy_count;
    for (size_t i = 0; status == STATUS_OK && i < count; i++) {
        self->stores[i].copy = &self->manifest->copies[i];
        status = begin(self, &self->stores[i], problem);
    }
    for (size_t i = 0; status == STATUS_OK && i < count; i++)
        status = send_store(self, &self->stores[i], folder, problem);
    for (size_t i = 0; status == STATUS_OK && i < count; i++)
        status = end(self, &self->stores[i], problem);
    if (status != STATUS_OK)
        call_off(self);
    for (size_t i = 0; i < count; i++)
        peer_destroy(&self->stores[i].peer);
    return status;
}

enum status
work_restore(struct work *self, struct backup_id id, uint64_t *records, struct problem *problem)
{
    CLEANUP(memory_free) struct work_findings *findings = memory_new(sizeof *findings);
    CLEANUP(memory_free) struct manifest *manifest = memory_new(sizeof *manifest);
    enum status status = work_verify(self, id, findings, problem);
    if (status != STATUS_OK)
        return status;
    if (findings->count) {
        problem_set(problem, "nothing was restored, the backup is damaged: %s", findings->words[0]);
        return STATUS_DATA_LOSS;
    }
    CLEANUP(memory_free) char *folder = archive_path(self->archive, id);
    status = manifest_read(folder, "manifest.json", manifest, problem);
    if (status != STATUS_OK)
        return status;
    struct restore *restore = memory_new(sizeof *restore);
    restore->work = self;
    restore->manifest = manifest;
    status = bring_back(restore, folder, problem);
    buffer_release(&restore->bytes);
    free(restore);
    *records = 0;
    for (size_t i = 0; i < manifest->copy_count; i++)
        *records += manifest->copies[i].summary.records;
    return status;
}
