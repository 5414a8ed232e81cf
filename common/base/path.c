#include "common/base/path.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "common/base/memory.h"
#include "common/base/text.h"

static bool
make(const char *path)
{
    return mkdir(path, 0700) == 0 || errno == EEXIST;
}

bool
path_make_folder_of(const char *file)
{
    CLEANUP(memory_free) char *partial = text_copy(text_of(file));
    for (char *slash = strchr(partial, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (*partial && !make(partial))
            return false;
        *slash = '/';
    }
    return true;
}

bool
path_make_folder(const char *path)
{
    return path_make_folder_of(path) && make(path);
}
