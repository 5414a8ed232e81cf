/* tool_runner: runs one tool against fake services and keeps its result for a test to look at. */
#pragma once

#include "common/base/arena.h"
#include "common/base/buffer.h"
#include "gateway/tools/call.h"
#include "tests/gateway/fakes/fake_backends.h"

struct tool_runner {
    struct fake_backends fake; /* first */
    struct arena arena;
    struct buffer scratch;
    struct tool_call call;
    struct rpc_principal principal;
    struct text header_key; /* Idempotency-Key */
    unsigned batch_place;

    /* Of the newest run. */
    unsigned done; /* how often on_done ran */
    bool failed;
    enum status status;
    char words[4096];
    struct buffer json; /* the result, NUL-terminated */
};

/* cmocka's setup and teardown: *state is the runner. The principal has every role. */
int tool_runner_setup(void **state);
int tool_runner_teardown(void **state);

/* Runs; the result is there when the services answered. */
void tool_runner_start(struct tool_runner *self, const char *tool, const char *arguments);

/* Runs a call that must succeed at once; its JSON. */
const char *tool_runner_result(struct tool_runner *self, const char *tool, const char *arguments);

/* Runs a call that must be refused before any service is asked; the words for the model. */
const char *tool_runner_refusal(struct tool_runner *self, const char *tool, const char *arguments);

/* The raw JSON of a member by its path ("entries.0.id"), of a document; NULL when there is none.
 * Valid until the next call. */
const char *json_at(const char *document, const char *path);
