/* bridge: MCP over standard input and output for clients that speak no HTTP.
 *
 * Each line from the client is POSTed to the gateway's /mcp, each answer becomes a line, in the
 * order of completion. What the network loses becomes a JSON-RPC error, never silence. A legacy
 * session that the gateway no longer knows is opened again behind the client's back; a modern
 * request is cancelled by ending its connection. One thread, a few megabytes, nothing but protocol
 * on the output.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct bridge_options {
    const char *url;    /* of /mcp */
    const char *token;  /* NULL: none */
    int64_t timeout_ms; /* for one answer; an event stream may last longer once it began */
    int in_fd;
    int out_fd;
    FILE *err; /* remarks; NULL: none */
    /* True: end now, without waiting for what is pending. Asked whenever something happened, and
     * wake_fd is readable when there is a reason to ask. */
    bool (*must_stop)(void *argument);
    void *argument;
    int wake_fd;
};

/* Runs until the input ends and all is answered, the output fails, or must_stop. */
void bridge_run(const struct bridge_options *options);
