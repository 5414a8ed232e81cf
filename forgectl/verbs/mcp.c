/* mcp stdio: the bridge for clients without HTTP. */
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "forgectl/bridge/bridge.h"
#include "forgectl/verbs/verbs.h"

struct watch {
    int signal_fd;
    pid_t parent;
    bool was_asked_to_stop;
};

/* The kernel's signal at the parent's death is sent when the parent's *thread* ends that started
 * us, which may be long before the parent does; so it wakes the loop, which then looks who the
 * parent is, and is no order by itself. */
static enum status
watch_open(struct watch *self)
{
    sigset_t signals;
    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGTERM);
    (void)sigaddset(&signals, SIGINT);
    (void)sigaddset(&signals, SIGHUP);
    (void)sigaddset(&signals, SIGUSR1);
    *self = (struct watch){.parent = getppid()};
    (void)sigprocmask(SIG_BLOCK, &signals, NULL);
    self->signal_fd = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
    (void)prctl(PR_SET_PDEATHSIG, SIGUSR1);
    return self->signal_fd >= 0 ? STATUS_OK : STATUS_INTERNAL;
}

static bool
must_stop(void *argument)
{
    struct watch *self = argument;
    struct signalfd_siginfo came;
    while (read(self->signal_fd, &came, sizeof(came)) == (ssize_t)sizeof(came))
        self->was_asked_to_stop = self->was_asked_to_stop || came.ssi_signo != SIGUSR1;
    return self->was_asked_to_stop || getppid() != self->parent;
}

int
verb_mcp_stdio(struct cli *cli)
{
    struct watch watch;
    if (watch_open(&watch) != STATUS_OK)
        return cli_fail(cli, CLI_INTERNAL, "internal", NULL, "no descriptor for signals is left");
    const struct bridge_options options = {
        .url = cli->url,
        .token = cli->token,
        .timeout_ms = cli->timeout_ms,
        .in_fd = fileno(cli->in),
        .out_fd = fileno(cli->out),
        .err = cli->quiet ? NULL : cli->err,
        .must_stop = must_stop,
        .argument = &watch,
        .wake_fd = watch.signal_fd,
    };
    bridge_run(&options);
    (void)close(watch.signal_fd);
    return CLI_OK;
}
