#include "forgectl/connect/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX = 4 << 20, CHUNK = 16 << 10, NEW_MODE = 0644 };

enum status
connect_file_read(const char *path, struct buffer *content, struct problem *problem)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return STATUS_OK;
    ssize_t size = fd < 0 ? -1 : 1;
    while (size > 0 && content->length <= FILE_MAX) {
        size = read(fd, buffer_reserve(content, CHUNK), CHUNK);
        if (size > 0)
            content->length += (size_t)size;
    }
    int reason = errno;
    if (fd >= 0)
        (void)close(fd);
    if (size < 0) {
        problem_set(problem, "cannot read %.180s: %s", path, strerror(reason));
        return STATUS_PERMISSION_DENIED;
    }
    if (content->length > FILE_MAX) {
        problem_set(problem, "%.180s is no configuration: it is longer than 4 MiB", path);
        return STATUS_OUT_OF_RANGE;
    }
    return STATUS_OK;
}

static enum status
refuse(const char *path, struct problem *problem)
{
    problem_set(problem, "cannot write %.180s: %s", path, strerror(errno));
    return STATUS_UNAVAILABLE;
}

static bool
write_whole(int fd, struct text content)
{
    while (content.length > 0) {
        ssize_t size = write(fd, content.data, content.length);
        if (size < 0 && errno != EINTR)
            return false;
        if (size > 0)
            content = text_from(content.data + size, content.length - (size_t)size);
    }
    return fsync(fd) == 0;
}

static void
make_folder(const char *path)
{
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    if (slash == NULL || slash == path)
        return;
    (void)snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path), path);
    /* Where that fails, opening the file tells why. */
    (void)mkdir(folder, 0755);
}

static mode_t
mode_for(const char *path)
{
    struct stat facts = {0};
    return stat(path, &facts) == 0 ? facts.st_mode & 07777 : NEW_MODE;
}

enum status
connect_file_replace(const char *path, struct text content, struct problem *problem)
{
    char target[PATH_MAX];
    char beside[PATH_MAX + 16];
    make_folder(path);
    /* The end of a chain of links, or the path itself while there is no file. */
    if (realpath(path, target) == NULL)
        (void)snprintf(target, sizeof(target), "%s", path);
    (void)snprintf(beside, sizeof(beside), "%s.XXXXXX", target);
    int fd = mkostemp(beside, O_CLOEXEC);
    if (fd < 0)
        return refuse(path, problem);
    bool is_written = fchmod(fd, mode_for(target)) == 0 && write_whole(fd, content);
    is_written = close(fd) == 0 && is_written;
    if (is_written && rename(beside, target) == 0)
        return STATUS_OK;
    enum status status = refuse(path, problem);
    (void)unlink(beside);
    return status;
}
