#include "common/store/space.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "common/base/clock.h"

enum { LOOK_MS = 250, LOOK_BYTES = 4 << 20 };

void
store_space_init(struct store_space *self, const struct store_folder *folder,
    uint64_t min_free_bytes, uint64_t open_bytes)
{
    *self = (struct store_space){
        .folder_fd = folder ? folder->fd : -1,
        .min_free_bytes = min_free_bytes,
        .open_bytes = open_bytes,
        .reopen_bytes = open_bytes > min_free_bytes ? open_bytes : min_free_bytes,
        .free_bytes = UINT64_MAX,
    };
}

/* A disk that cannot be asked counts as roomy: the write itself will say what is wrong. */
static void
look(struct store_space *self, int64_t now_ms)
{
    struct statvfs disk;
    if (self->folder_fd < 0)
        return;
    bool known = fstatvfs(self->folder_fd, &disk) == 0;
    self->free_bytes = known ? (uint64_t)disk.f_bavail * disk.f_frsize : UINT64_MAX;
    self->looked_ms = now_ms;
    self->written_bytes = 0;
}

bool
store_space_allows(struct store_space *self, uint64_t bytes)
{
    int64_t now_ms = clock_monotonic_ms();
    self->written_bytes += bytes;
    if (self->looked_ms == 0 || now_ms - self->looked_ms >= LOOK_MS ||
        self->written_bytes >= LOOK_BYTES)
        look(self, now_ms);
    return self->free_bytes >= self->min_free_bytes &&
           self->free_bytes - self->min_free_bytes >= bytes;
}

bool
store_space_is_back(struct store_space *self)
{
    look(self, clock_monotonic_ms());
    return self->free_bytes >= self->min_free_bytes;
}

bool
store_space_allows_reopen(struct store_space *self)
{
    look(self, clock_monotonic_ms());
    return self->free_bytes >= self->reopen_bytes;
}

static uint64_t
ballast_bytes(const struct store_space *self)
{
    struct stat info;
    if (self->folder_fd < 0 || fstatat(self->folder_fd, "ballast", &info, AT_SYMLINK_NOFOLLOW))
        return 0;
    return (uint64_t)info.st_blocks * 512;
}

bool
store_space_prepare_open(struct store_space *self)
{
    look(self, clock_monotonic_ms());
    if (self->free_bytes >= self->open_bytes)
        return true;
    if (self->free_bytes + ballast_bytes(self) < self->open_bytes)
        return false;
    unlinkat(self->folder_fd, "ballast", 0);
    look(self, clock_monotonic_ms());
    return self->free_bytes >= self->open_bytes;
}

void
store_space_restore_ballast(struct store_space *self)
{
    if (self->folder_fd < 0 || ballast_bytes(self) >= STORE_BALLAST_BYTES)
        return;
    look(self, clock_monotonic_ms());
    if (self->free_bytes < self->min_free_bytes + STORE_BALLAST_BYTES)
        return;
    int fd = openat(self->folder_fd, "ballast", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return;
    if (posix_fallocate(fd, 0, STORE_BALLAST_BYTES))
        unlinkat(self->folder_fd, "ballast", 0);
    close(fd);
}
