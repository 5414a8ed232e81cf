/* metrics_process: what the kernel knows of this process. */
#pragma once

#include <stdint.h>

struct metrics_process {
    double resident_bytes;
    double cpu_seconds; /* of all threads since the start */
    double open_fds;
};

void metrics_process_read(struct metrics_process *self);

/* When this process was started, seconds since 1970. */
double metrics_process_started(void);
