/* tool: the gateway's tools and plain pages, called once, with words for every failure. */
#pragma once

#include "common/base/buffer.h"
#include "common/base/text.h"
#include "forgectl/cli/cli.h"
#include "forgectl/client/transfers.h"

/* Calls a tool with a JSON object of arguments. 0 and its JSON result in `result`; else the person
 * was told and it is the exit code. */
int tool_call(struct cli *cli, const char *name, struct text arguments, const char *idempotency_key,
    struct buffer *result);

/* GET of a path. 0 with any HTTP status; else the person was told that nobody answered. */
int tool_page(struct cli *cli, const char *path, struct buffer *body, long *http_status);

/* "http://host:port/api/v1/tools/NAME" */
void tool_url(struct buffer *url, const struct cli *cli, const char *name);

/* What a failed answer means. */
struct tool_failure {
    int code;          /* enum cli_exit */
    bool is_transient; /* the same request may do better in a moment */
    char name[40];     /* the error's word for scripts */
    char message[512];
    const char *hint; /* NULL: none */
};

/* False when the answer is a success. */
bool tool_failed(
    const struct cli *cli, const struct transfer_answer *answer, struct tool_failure *failure);
