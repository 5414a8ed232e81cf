#include "backup-svc/proof.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/base/uuid.h"

enum { PROBE_BYTES = 64 };

/* NULL when it worked; else the step that did not. */
static const char *
try_file(const char *path)
{
    char written[PROBE_BYTES], found[PROBE_BYTES];
    uuid_random(written, sizeof written);
    errno = 0;
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return "a file cannot be made";
    const char *failed = NULL;
    if (write(fd, written, sizeof written) != (ssize_t)sizeof written)
        failed = "a file cannot be written";
    else if (fsync(fd))
        failed = "a file cannot be synced";
    else if (pread(fd, found, sizeof found, 0) != (ssize_t)sizeof found ||
             memcmp(found, written, sizeof found) != 0)
        failed = "a file does not read as it was written";
    int error = errno;
    close(fd);
    unlink(path);
    errno = error;
    return failed;
}

enum status
proof_of_folder(const char *folder, struct problem *problem)
{
    uint64_t chance;
    char path[4096];
    uuid_random(&chance, sizeof chance);
    snprintf(path, sizeof path, "%s/.probe-%016llx", folder, (unsigned long long)chance);
    const char *failed = try_file(path);
    if (!failed)
        return STATUS_OK;
    problem_set(problem, "%s: %s: %s", folder, failed, strerror(errno));
    return STATUS_UNAVAILABLE;
}
