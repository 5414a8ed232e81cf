/* folder: the store's folder on disk, and who may use it.
 *
 *     FORMAT    says that this is a store, and of which layout; made last, once
 *     db/       the engine's files
 *     ballast   space that is given back when the disk is full
 *
 * The folder is locked by flock on its own descriptor for as long as it is open, also against a
 * second store of this process. Nobody here opens db/LOCK: closing any descriptor of it would drop
 * LevelDB's own lock.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/attributes.h"
#include "common/base/problem.h"
#include "common/base/status.h"

struct store_folder {
    int fd;
    char *path;     /* absolute */
    char *database; /* path of db/ */
    char *fresh;    /* path of db.new/, where a database is made before it gets its name */
    bool is_empty;  /* nothing was ever stored: to be initialised */
};

/* Creates missing folders (0700) unless require_existing, locks, and looks what is there.
 * FAILED_PRECONDITION: see store_open. DATA_LOSS: a store whose db/ or FORMAT is missing or odd. */
enum status store_folder_open(const char *path, bool require_existing, struct store_folder **self_p,
    struct problem *problem) MUST_CHECK;
void store_folder_close(struct store_folder **self_p);

/* Before the engine makes its database in `fresh`: removes what a broken-off start left there. */
enum status store_folder_clear_fresh(struct store_folder *self, struct problem *problem) MUST_CHECK;
/* The database in `fresh` is whole and closed: it becomes the store. */
enum status store_folder_adopt_fresh(struct store_folder *self, struct problem *problem) MUST_CHECK;

/* Any thread: sum of the engine's files. */
uint64_t store_folder_size_bytes(const struct store_folder *self);
