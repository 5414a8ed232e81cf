/* transfer: a store's whole content out and in, page by page; the mechanism behind forge.Transfer.
 *
 * It knows records, not messages: a service's handler copies a page into its reply, or a request's
 * records into an array, and that is all it adds. Export ids and import ids are 16 random bytes.
 *
 * An export holds a snapshot, which keeps the store from being reopened, so it is let go after
 * TRANSFER_IDLE_MS without a page; an import keeps everything else from being written, so it is
 * undone after the same time. The owner calls the expire functions about once a second.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/attributes.h"
#include "common/base/problem.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/store/store.h"

enum {
    TRANSFER_ID_SIZE = 16,
    TRANSFER_IDLE_MS = 60 * 1000,
    TRANSFER_EXPORTS_MAX = 4,        /* at a time */
    TRANSFER_PAGE_DEFAULT = 1 << 20, /* bytes of keys and values */
    TRANSFER_PAGE_MAX = 4 << 20,     /* one record may be larger, and then travels alone */
    TRANSFER_PAGE_RECORDS_MAX = 65536,
};

struct transfer_record {
    struct text key;
    struct text value;
};

/* Exports of one store; one thread's, any. */
struct transfer_exports;

struct transfer_export_request {
    struct text export_id; /* empty: begin */
    struct text after_key; /* the last key received; empty: from the front */
    uint32_t max_bytes;    /* 0: TRANSFER_PAGE_DEFAULT; at most TRANSFER_PAGE_MAX */
    bool finish;           /* lets the snapshot go; the page is empty */
};

struct transfer_page {
    struct text export_id;
    const struct transfer_record *records;
    size_t count;
    bool last;
    uint64_t sequence;
    uint32_t format;
    uint64_t approximate_bytes; /* of the whole store */
};

struct transfer_exports *transfer_exports_create(struct store *store);
/* Lets every snapshot go. */
void transfer_exports_destroy(struct transfer_exports **self_p);

/* The page is borrowed until the next call. INVALID_ARGUMENT: an id of another length. NOT_FOUND:
 * the export ended or expired. UNAVAILABLE: the store cannot be read now. RESOURCE_EXHAUSTED: too
 * many exports. DATA_LOSS: a record cannot be read; the export has ended. */
enum status transfer_export(struct transfer_exports *self,
    const struct transfer_export_request *request, int64_t now_ms, struct transfer_page *page,
    struct problem *problem) MUST_CHECK;
/* Lets go of those that nobody asked for since TRANSFER_IDLE_MS. now_ms: clock_monotonic_ms. */
void transfer_exports_expire(struct transfer_exports *self, int64_t now_ms);
/* Lets go of all, as before store_recover. */
void transfer_exports_clear(struct transfer_exports *self);

/* The import into one store; its writer thread's. */
struct transfer_import;

struct transfer_import_request {
    struct text import_id; /* empty: begin */
    const struct transfer_record *records;
    size_t count;
    bool last;
    uint64_t sequence;     /* of the export, with `last` */
    uint64_t record_count; /* of all pages, with `last` */
    uint32_t format;       /* with the first page: must be the store's own */
    bool abort;            /* undoes the import; nothing else is looked at but its id */
    bool discard;          /* as for store_import_begin: what is stored is of no worth */
};

struct transfer_imported {
    struct text import_id; /* borrowed until the next call */
    uint64_t records;      /* so far */
};

struct transfer_import *transfer_import_create(struct store *store);
/* Undoes an import that did not come to its end. */
void transfer_import_destroy(struct transfer_import **self_p);

/* Whatever goes wrong undoes the import, but for a wrong id. FAILED_PRECONDITION: the store is not
 * empty, another import is under way, or the format differs. NOT_FOUND: it ended or expired.
 * INVALID_ARGUMENT: records that do not fit. DATA_LOSS: wrong count. Then as store_import_*. */
enum status transfer_import(struct transfer_import *self,
    const struct transfer_import_request *request, int64_t now_ms,
    struct transfer_imported *imported, struct problem *problem) MUST_CHECK;
void transfer_import_expire(struct transfer_import *self, int64_t now_ms);
bool transfer_import_is_running(const struct transfer_import *self);
