#include "common/process/metrics_process.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/base/clock.h"

static double
seconds_of(clockid_t clock)
{
    struct timespec now = {0};
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* The file's first bytes as a string; empty when it cannot be read. */
static void
read_line(const char *path, char *line, size_t size)
{
    line[0] = '\0';
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    ssize_t length = read(fd, line, size - 1);
    line[length > 0 ? length : 0] = '\0';
    close(fd);
}

/* The number after `skip` blanks; 0 when the line is shorter. */
static double
field_after(const char *line, int skip)
{
    for (; skip > 0 && line; skip--) {
        line = strchr(line, ' ');
        line = line ? line + 1 : NULL;
    }
    return line ? strtod(line, NULL) : 0;
}

static double
count_fds(void)
{
    DIR *folder = opendir("/proc/self/fd");
    if (!folder)
        return 0;
    /* ".", ".." and the folder's own descriptor do not count. */
    int count = -3;
    while (readdir(folder))
        count++;
    closedir(folder);
    return count;
}

void
metrics_process_read(struct metrics_process *self)
{
    char line[256];
    read_line("/proc/self/statm", line, sizeof line);
    self->resident_bytes = field_after(line, 1) * (double)sysconf(_SC_PAGESIZE);
    self->cpu_seconds = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
    self->open_fds = count_fds();
}

double
metrics_process_started(void)
{
    char line[1024];
    read_line("/proc/self/stat", line, sizeof line);
    /* The name in the second field may hold blanks and ends in the last ')'. Field 22 is the start
     * in ticks since boot, and 20 blanks lie between. */
    const char *name_end = strrchr(line, ')');
    double ticks = name_end ? field_after(name_end, 20) : 0;
    double age = seconds_of(CLOCK_BOOTTIME) - ticks / (double)sysconf(_SC_CLK_TCK);
    return (double)clock_wall_ms() / 1000.0 - age;
}
