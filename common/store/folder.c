#include "common/store/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/buffer.h"
#include "common/base/memory.h"
#include "common/base/text.h"

static const char format_words[] = "context-forge store, layout ";
enum { LAYOUT = 1 };

void
store_folder_close(struct store_folder **self_p)
{
    struct store_folder *self = TAKE(*self_p);
    if (!self)
        return;
    if (self->fd >= 0)
        close(self->fd);
    free(self->fresh);
    free(self->database);
    free(self->path);
    free(self);
}

static void
folder_stream_close(DIR **stream_p)
{
    if (*stream_p)
        closedir(*stream_p);
}

static void
descriptor_close(const int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

static char *
join(const char *folder, const char *name)
{
    struct buffer path = {0};
    buffer_format(&path, "%s/%s", folder, name);
    buffer_string(&path);
    return path.data;
}

static enum status
refuse(enum status status, const char *path, const char *what, struct problem *problem)
{
    problem_set(problem, "%s: %s: %s", path, what, strerror(errno));
    return status;
}

static bool
sync_folder(int at_fd, const char *path)
{
    CLEANUP(descriptor_close) int fd = openat(at_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd >= 0 && fsync(fd) == 0;
}

/* A folder that a power cut takes back would take the store with it: so its name is synced too. */
static bool
make_folder(const char *path)
{
    if (mkdir(path, 0700))
        return errno == EEXIST;
    CLEANUP(memory_free) char *parent = join(path, "..");
    return sync_folder(AT_FDCWD, parent);
}

static bool
make_folders(const char *path)
{
    CLEANUP(memory_free) char *partial = text_copy(text_of(path));
    for (char *at = strchr(partial + 1, '/'); at; at = strchr(at + 1, '/')) {
        *at = '\0';
        if (!make_folder(partial))
            return false;
        *at = '/';
    }
    return make_folder(partial);
}

static enum status
lock(struct store_folder *self, const char *path, bool require_existing, struct problem *problem)
{
    if (!require_existing && !make_folders(path))
        return refuse(STATUS_FAILED_PRECONDITION, path, "cannot be created", problem);
    self->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (self->fd < 0)
        return refuse(STATUS_FAILED_PRECONDITION, path, "cannot be opened", problem);
    if (flock(self->fd, LOCK_EX | LOCK_NB) == 0)
        return STATUS_OK;
    if (errno != EWOULDBLOCK)
        return refuse(STATUS_FAILED_PRECONDITION, path, "cannot be locked", problem);
    problem_set(problem, "%s is in use by another process; stop it, or use another folder", path);
    return STATUS_FAILED_PRECONDITION;
}

static bool
has(const struct store_folder *self, const char *name)
{
    struct stat info;
    return fstatat(self->fd, name, &info, AT_SYMLINK_NOFOLLOW) == 0;
}

/* A folder without FORMAT may hold only what our own broken-off start, or mkfs, left. */
static enum status
check_nothing_foreign(const struct store_folder *self, struct problem *problem)
{
    CLEANUP(folder_stream_close) DIR *stream = opendir(self->path);
    if (!stream)
        return refuse(STATUS_FAILED_PRECONDITION, self->path, "cannot be read", problem);
    static const char *const ours[] = {".", "..", "lost+found", "db.new", "FORMAT.new"};
    for (const struct dirent *entry; (entry = readdir(stream)) != NULL;) {
        bool known = false;
        for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
            known = known || strcmp(entry->d_name, ours[i]) == 0;
        if (known)
            continue;
        problem_set(problem, "%s is neither empty nor a store: it holds \"%.64s\" and no FORMAT",
            self->path, entry->d_name);
        return STATUS_FAILED_PRECONDITION;
    }
    return STATUS_OK;
}

static enum status
check_layout(const struct store_folder *self, struct problem *problem)
{
    char words[64] = "";
    CLEANUP(descriptor_close) int fd = openat(self->fd, "FORMAT", O_RDONLY | O_CLOEXEC);
    ssize_t size = fd < 0 ? -1 : read(fd, words, sizeof words - 1);
    if (size < 0)
        return refuse(STATUS_UNAVAILABLE, self->path, "FORMAT cannot be read", problem);
    struct text found = text_from(words, (size_t)size);
    struct text expected = text_of(format_words);
    int64_t layout = 0;
    if (!text_starts_with(found, expected) || words[size ? size - 1 : 0] != '\n' ||
        text_to_integer(text_from(words + expected.length, found.length - expected.length - 1), 1,
            INT32_MAX, &layout)) {
        problem_set(problem, "%s: FORMAT is damaged; restore the store from a backup", self->path);
        return STATUS_DATA_LOSS;
    }
    if (layout > LAYOUT) {
        problem_set(problem, "%s was made by a newer version (layout %lld, this one knows %d)",
            self->path, (long long)layout, LAYOUT);
        return STATUS_FAILED_PRECONDITION;
    }
    return STATUS_OK;
}

/* The rename of a database that is whole; also finishes one that a crash cut off. */
static enum status
name_database(struct store_folder *self, struct problem *problem)
{
    if (renameat(self->fd, "db.new", self->fd, "db") || fsync(self->fd))
        return refuse(STATUS_UNAVAILABLE, self->path, "db.new cannot become db", problem);
    return STATUS_OK;
}

static enum status
examine(struct store_folder *self, bool require_existing, struct problem *problem)
{
    if (!has(self, "FORMAT")) {
        self->is_empty = true;
        enum status status = check_nothing_foreign(self, problem);
        if (status != STATUS_OK || !require_existing)
            return status;
        problem_set(problem, "%s holds no store, and one is required to be there", self->path);
        return STATUS_FAILED_PRECONDITION;
    }
    enum status status = check_layout(self, problem);
    if (status != STATUS_OK)
        return status;
    if (!has(self, "db") && has(self, "db.new"))
        return name_database(self, problem);
    if (has(self, "db/CURRENT"))
        return STATUS_OK;
    problem_set(problem,
        "%s: the store is damaged: db/CURRENT is missing; nothing was changed. Restore a backup",
        self->path);
    return STATUS_DATA_LOSS;
}

enum status
store_folder_open(
    const char *path, bool require_existing, struct store_folder **self_p, struct problem *problem)
{
    CLEANUP(store_folder_close) struct store_folder *self = memory_new(sizeof *self);
    self->fd = -1;
    enum status status = lock(self, path, require_existing, problem);
    if (status != STATUS_OK)
        return status;
    self->path = realpath(path, NULL);
    if (!self->path)
        return refuse(STATUS_FAILED_PRECONDITION, path, "cannot be resolved", problem);
    self->database = join(self->path, "db");
    self->fresh = join(self->path, "db.new");
    status = examine(self, require_existing, problem);
    if (status == STATUS_OK)
        *self_p = TAKE(self);
    return status;
}

enum status
store_folder_clear_fresh(struct store_folder *self, struct problem *problem)
{
    if (fchmod(self->fd, 0700))
        return refuse(STATUS_FAILED_PRECONDITION, self->path, "cannot be made private", problem);
    CLEANUP(folder_stream_close) DIR *stream = opendir(self->fresh);
    for (const struct dirent *entry; stream && (entry = readdir(stream)) != NULL;)
        if (entry->d_name[0] != '.' && unlinkat(dirfd(stream), entry->d_name, 0))
            return refuse(STATUS_UNAVAILABLE, self->fresh, "cannot be emptied", problem);
    if (mkdirat(self->fd, "db.new", 0700) && errno != EEXIST)
        return refuse(STATUS_UNAVAILABLE, self->fresh, "cannot be made", problem);
    return STATUS_OK;
}

/* FORMAT comes into being whole or not at all, and before db: a folder that has db has FORMAT. */
enum status
store_folder_adopt_fresh(struct store_folder *self, struct problem *problem)
{
    char words[64];
    int length = snprintf(words, sizeof words, "%s%d\n", format_words, LAYOUT);
    CLEANUP(descriptor_close)
    int fd = openat(self->fd, "FORMAT.new", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, words, (size_t)length) != length || fsync(fd) ||
        !sync_folder(self->fd, "db.new") || fsync(self->fd) ||
        renameat(self->fd, "FORMAT.new", self->fd, "FORMAT"))
        return refuse(STATUS_UNAVAILABLE, self->path, "FORMAT cannot be written", problem);
    enum status status = name_database(self, problem);
    self->is_empty = status != STATUS_OK;
    return status;
}

uint64_t
store_folder_size_bytes(const struct store_folder *self)
{
    CLEANUP(folder_stream_close) DIR *stream = opendir(self->database);
    uint64_t sum = 0;
    for (const struct dirent *entry; stream && (entry = readdir(stream)) != NULL;) {
        struct stat info;
        if (fstatat(dirfd(stream), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) == 0 &&
            S_ISREG(info.st_mode))
            sum += (uint64_t)info.st_size;
    }
    return sum;
}
