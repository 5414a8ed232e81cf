/* program: the real context-svc as a process of its own, for tests that kill it. */
#pragma once

#include <sys/types.h>

struct service_process {
    pid_t pid;
    char folder[64]; /* data folder; the test's */
    char endpoint[128];
};

/* Starts it on this folder; it may still be coming up when this returns. `extra` (or NULL) is one
 * more flag. */
void service_process_start(struct service_process *self, const char *folder, const char *extra);
/* Sends a signal and waits; the exit code, or minus the signal that ended it. */
int service_process_end(struct service_process *self, int signal);
/* Waits until it ends by itself. */
int service_process_wait(struct service_process *self);
/* What it wrote to its log so far contains this. */
int service_process_logged(const struct service_process *self, const char *text);
