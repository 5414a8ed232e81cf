/* manifest: what a backup says of itself, and the small files beside it.
 *
 * manifest.json is written last, so a backup that has one is complete; broken.json stands in its
 * place in a backup that came to nothing, and verified.json tells of the last verification. Each is
 *
 *     {"body": {...}, "sha256": "<hex, of the bytes of the body's value>"}
 *
 * and is written whole: temporary name, fsync, rename, fsync of the folder.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "backup-svc/id.h"
#include "backup-svc/records.h"
#include "common/base/attributes.h"
#include "common/base/problem.h"
#include "common/base/status.h"

enum {
    MANIFEST_FORMAT = 1,
    MANIFEST_COPIES_MAX = 8,
    MANIFEST_NOTE_SIZE = 513, /* with its NUL */
    MANIFEST_SERVICE_SIZE = 32,
    MANIFEST_VERSION_SIZE = 64,
};

/* One store in a backup. */
struct manifest_copy {
    char service[MANIFEST_SERVICE_SIZE]; /* "context": the file is context.records */
    struct records_summary summary;
};

struct manifest {
    struct backup_id id;
    int64_t started_at_ms;
    int64_t finished_at_ms;
    char version[MANIFEST_VERSION_SIZE]; /* of the program that made it */
    char note[MANIFEST_NOTE_SIZE];
    struct manifest_copy copies[MANIFEST_COPIES_MAX];
    size_t copy_count;
    char problem[256]; /* broken.json alone: why there is no backup */
};

struct verification {
    int64_t at_ms;
    bool good;
    char problem[256]; /* the first, when not good */
};

/* name: "manifest.json" or "broken.json", in `folder`. RESOURCE_EXHAUSTED: no space. */
enum status manifest_write(const struct manifest *self, const char *folder, const char *name,
    struct problem *problem) MUST_CHECK;
/* NOT_FOUND: no such file. DATA_LOSS: it is damaged, or of a newer format. */
enum status manifest_read(const char *folder, const char *name, struct manifest *self,
    struct problem *problem) MUST_CHECK;

enum status verification_write(
    const struct verification *self, const char *folder, struct problem *problem) MUST_CHECK;
enum status verification_read(
    const char *folder, struct verification *self, struct problem *problem) MUST_CHECK;
