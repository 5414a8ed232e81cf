/* Verifying a backup: every byte is read, every count and checksum compared with the manifest. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "backup-svc/work.h"
#include "common/base/buffer.h"
#include "common/base/clock.h"
#include "common/base/memory.h"

static void
add_finding(struct work_findings *self, const char *words)
{
    if (self->count < WORK_PROBLEMS_MAX)
        snprintf(self->words[self->count++], sizeof self->words[0], "%s", words);
}

static bool
same(const struct records_summary *a, const struct records_summary *b)
{
    return a->format == b->format && a->sequence == b->sequence && a->records == b->records &&
           a->bytes == b->bytes && memcmp(a->sha256, b->sha256, sizeof a->sha256) == 0;
}

/* STATUS_CANCELLED when the program ends meanwhile; else OK, or what is wrong with this file. */
static enum status
read_whole(const struct work *self, const char *path, struct records_summary *summary,
    struct problem *problem)
{
    CLEANUP(records_reader_destroy) struct records_reader *reader = NULL;
    enum status status = records_reader_create(path, &reader, problem);
    if (status != STATUS_OK)
        return status;
    struct text key, value;
    while (records_reader_next(reader, &key, &value))
        if (atomic_load_explicit(&self->stopping, memory_order_relaxed)) {
            problem_set(problem, "the program is ending");
            return STATUS_CANCELLED;
        }
    *summary = records_reader_summary(reader);
    return records_reader_end(reader, problem);
}

static enum status
verify_copy(const struct work *self, const char *folder, const struct manifest_copy *copy,
    struct work_findings *findings, struct problem *problem)
{
    CLEANUP(buffer_release) struct buffer path = {0};
    buffer_format(&path, "%s/%s.records", folder, copy->service);
    struct records_summary summary = {0};
    enum status status = read_whole(self, buffer_string(&path), &summary, problem);
    if (status == STATUS_CANCELLED)
        return status;
    if (status != STATUS_OK) {
        add_finding(findings, problem->text);
        return STATUS_OK;
    }
    if (same(&summary, &copy->summary))
        return STATUS_OK;
    problem_set(problem,
        "%s.records is another than the manifest's: it holds %" PRIu64 " records of sequence "
        "%" PRIu64 ", the manifest says %" PRIu64 " of %" PRIu64 "",
        copy->service, summary.records, summary.sequence, copy->summary.records,
        copy->summary.sequence);
    add_finding(findings, problem->text);
    return STATUS_OK;
}

enum status
work_verify(
    struct work *self, struct backup_id id, struct work_findings *findings, struct problem *problem)
{
    CLEANUP(memory_free) struct backup_entry *entry = memory_new(sizeof *entry);
    CLEANUP(memory_free) struct manifest *manifest = memory_new(sizeof *manifest);
    *findings = (struct work_findings){0};
    enum status status = archive_find(self->archive, id, entry, problem);
    if (status != STATUS_OK)
        return status;
    CLEANUP(memory_free) char *folder = archive_path(self->archive, id);
    if (manifest_read(folder, "manifest.json", manifest, problem) != STATUS_OK) {
        add_finding(findings, entry->problem[0] ? entry->problem : problem->text);
    } else if (backup_id_compare(manifest->id, id) != 0) {
        add_finding(findings, "manifest.json is another backup's");
    } else {
        for (size_t i = 0; status == STATUS_OK && i < manifest->copy_count; i++)
            status = verify_copy(self, folder, &manifest->copies[i], findings, problem);
    }
    if (status != STATUS_OK || entry->state == BACKUP_RUNNING)
        return status;
    struct verification result = {.at_ms = clock_wall_ms(), .good = findings->count == 0};
    if (findings->count)
        snprintf(result.problem, sizeof result.problem, "%s", findings->words[0]);
    /* A result that cannot be kept is still the answer. A backup of which only a note is left has
     * no folder of this name, and so keeps none. */
    status = verification_write(&result, folder, problem);
    (void)status;
    return STATUS_OK;
}
