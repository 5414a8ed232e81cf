/* The fake service as a process of its own, to be stopped and killed. Ends when its input does. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/common/rpc/fake.h"

int
main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s ENDPOINT\n", argv[0]);
        return EXIT_FAILURE;
    }
    zsys_handler_set(NULL);
    return fake_serve(argv[1], STDIN_FILENO);
}
