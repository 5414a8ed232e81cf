#include "forgectl/cli/token.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/text.h"

enum { TOKEN_MAX = 4096 };

static enum status
refuse_open(const char *path, struct problem *problem)
{
    problem_set(problem, "cannot read the token file %.150s: %s", path, strerror(errno));
    return errno == ENOENT ? STATUS_NOT_FOUND : STATUS_PERMISSION_DENIED;
}

static bool
is_visible(struct text token)
{
    for (size_t i = 0; i < token.length; i++)
        if (token.data[i] < 0x21 || token.data[i] > 0x7e)
            return false;
    return token.length > 0;
}

enum status
token_read(const char *path, char **token, bool *is_open, struct problem *problem)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return refuse_open(path, problem);
    struct stat facts = {0};
    char content[TOKEN_MAX + 1];
    ssize_t length = fstat(fd, &facts) == 0 ? read(fd, content, sizeof(content)) : -1;
    (void)close(fd);
    if (length < 0)
        return refuse_open(path, problem);
    struct text line = text_from(content, (size_t)length);
    while (line.length > 0 &&
           (line.data[line.length - 1] == '\n' || line.data[line.length - 1] == '\r'))
        line.length--;
    line = text_trim(line);
    if (line.length > TOKEN_MAX || !is_visible(line)) {
        problem_set(problem,
            "the token file %.150s must hold one line with the token and nothing else", path);
        return STATUS_INVALID_ARGUMENT;
    }
    *is_open = (facts.st_mode & (S_IRGRP | S_IROTH)) != 0;
    *token = text_copy(line);
    return STATUS_OK;
}
