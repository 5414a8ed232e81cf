#include "tests/context-svc/program.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void
run_program(const struct service_process *self, const char *extra)
{
    char log[96];
    snprintf(log, sizeof log, "%s/log", self->folder);
    int file = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (file < 0 || dup2(file, STDERR_FILENO) < 0)
        _exit(120);
    execl(CONTEXT_SVC_PATH, CONTEXT_SVC_PATH, "--data-dir", self->folder, "--endpoint",
        self->endpoint, "--metrics-endpoint", "", "--store-min-free-mb", "1", extra, (char *)NULL);
    _exit(121);
}

void
service_process_start(struct service_process *self, const char *folder, const char *extra)
{
    snprintf(self->folder, sizeof self->folder, "%s", folder);
    snprintf(self->endpoint, sizeof self->endpoint, "ipc://%s/run/context.sock", folder);
    self->pid = fork();
    assert_true(self->pid >= 0);
    if (self->pid == 0)
        run_program(self, extra);
}

int
service_process_wait(struct service_process *self)
{
    int status = 0;
    assert_int_equal(waitpid(self->pid, &status, 0), self->pid);
    self->pid = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

int
service_process_end(struct service_process *self, int signal)
{
    kill(self->pid, signal);
    return service_process_wait(self);
}

int
service_process_logged(const struct service_process *self, const char *text)
{
    char path[96];
    snprintf(path, sizeof path, "%s/log", self->folder);
    FILE *file = fopen(path, "r");
    if (!file)
        return 0;
    static char content[256 * 1024];
    size_t size = fread(content, 1, sizeof content - 1, file);
    content[size] = '\0';
    fclose(file);
    return strstr(content, text) != NULL;
}
