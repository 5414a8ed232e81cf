/* space: keeps a store off the end of its disk.
 *
 * Below the watermark nothing is written, so that LevelDB does not meet ENOSPC; the ballast is a
 * file of allocated blocks that is given back when the store has to be opened on a full disk (an
 * open writes a table and a manifest), and made again when there is room.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/store/folder.h"

enum { STORE_BALLAST_BYTES = 8 << 20 };

struct store_space {
    int folder_fd; /* -1: not on disk, always enough */
    uint64_t min_free_bytes;
    uint64_t open_bytes;   /* what an open may write */
    uint64_t reopen_bytes; /* what must be free for that and for writing on */
    uint64_t free_bytes;   /* when last looked */
    int64_t looked_ms;
    uint64_t written_bytes; /* since */
};

/* folder: NULL for a store that is not on disk; borrowed. */
void store_space_init(struct store_space *self, const struct store_folder *folder,
    uint64_t min_free_bytes, uint64_t open_bytes);

/* Whether `bytes` may be written now. Looks at the disk at most every 250 ms or 4 MiB. */
bool store_space_allows(struct store_space *self, uint64_t bytes);
/* The same, looking now. */
bool store_space_is_back(struct store_space *self);

/* Whether there is room, without the ballast, to open the store anew and to write on; looking now.
 */
bool store_space_allows_reopen(struct store_space *self);

/* Makes room for an open, with the ballast when it must; false when there is none to be had. */
bool store_space_prepare_open(struct store_space *self);
/* Makes the ballast when it is missing and there is room for it above the watermark. */
void store_space_restore_ballast(struct store_space *self);
