/* forgectl: the operator's command line. */
#include <curl/curl.h>
#include <signal.h>
#include <stdio.h>

#include "forgectl/cli/cli.h"
#include "forgectl/verbs/run.h"

int
main(int argc, char **argv)
{
    /* A reader that went away shows as a failed write, not as our death. */
    (void)signal(SIGPIPE, SIG_IGN);
    (void)curl_global_init(CURL_GLOBAL_DEFAULT);
    int code = forgectl_run(argc, argv, stdin, stdout, stderr);
    if (fflush(stdout) != 0 && code == CLI_OK)
        code = CLI_INTERNAL;
    curl_global_cleanup();
    return code;
}
