/* Resident memory of LevelDB's mapped tables, given back.
 *
 * MADV_PAGEOUT, not MADV_DONTNEED: between reading the list of maps and the call, LevelDB's own
 * thread may unmap a table and the allocator may take the address. DONTNEED would then zero live
 * memory; PAGEOUT only makes it slower to reach.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "common/base/memory.h"
#include "common/store/internal.h"

static void
file_close(FILE **file_p)
{
    if (*file_p)
        fclose(*file_p);
}

/* "7f..-7f.. r--s 00000000 fe:00 1234   /folder/db/000005.ldb" */
static void
trim_line(const char *line, const char *database)
{
    char *end = NULL;
    unsigned long from = strtoul(line, &end, 16);
    if (*end != '-')
        return;
    unsigned long to = strtoul(end + 1, &end, 16);
    const char *path = strchr(line, '/');
    size_t folder = strlen(database);
    if (!path || to <= from || strncmp(path, database, folder) != 0 || path[folder] != '/' ||
        !strstr(path + folder, ".ldb\n"))
        return;
    madvise((void *)from, to - from, MADV_PAGEOUT); // NOLINT(performance-no-int-to-ptr): a map
}

void
store_trim_memory(struct store *self)
{
    CLEANUP(file_close) FILE *maps = self->folder ? fopen("/proc/self/maps", "re") : NULL;
    CLEANUP(memory_free) char *line = NULL;
    size_t capacity = 0;
    while (maps && getline(&line, &capacity, maps) > 0)
        trim_line(line, self->folder->database);
}
