/* mcp stdio: the bridge for clients without HTTP. */
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "forgectl/bridge/bridge.h"
#include "forgectl/verbs/verbs.h"

/* Set by the signal handler, which can be given nothing else. */
static volatile sig_atomic_t was_asked_to_stop;
static pid_t parent;

static void
on_stop(int number)
{
    was_asked_to_stop = number;
}

/* Only wakes the loop, which then looks who its parent is. */
static void
on_parent_thread_end(int number)
{
    (void)number;
}

static bool
must_stop(void)
{
    return was_asked_to_stop != 0 || getppid() != parent;
}

/* The kernel's signal at the parent's death is sent when the parent's *thread* ends that started
 * us, which may be long before the parent does; so it is a hint and not an order. */
static void
watch_parent(void)
{
    was_asked_to_stop = 0;
    parent = getppid();
    struct sigaction wake = {.sa_handler = on_parent_thread_end};
    struct sigaction stop = {.sa_handler = on_stop};
    (void)sigaction(SIGUSR1, &wake, NULL);
    (void)sigaction(SIGTERM, &stop, NULL);
    (void)sigaction(SIGINT, &stop, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    (void)prctl(PR_SET_PDEATHSIG, SIGUSR1);
}

int
verb_mcp_stdio(struct cli *cli)
{
    watch_parent();
    const struct bridge_options options = {
        .url = cli->url,
        .token = cli->token,
        .timeout_ms = cli->timeout_ms,
        .in_fd = fileno(cli->in),
        .out_fd = fileno(cli->out),
        .err = cli->quiet ? NULL : cli->err,
        .must_stop = must_stop,
    };
    bridge_run(&options);
    return CLI_OK;
}
