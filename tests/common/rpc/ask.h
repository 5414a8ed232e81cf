/* ask: calls of the fake service from a test, and the turning of their client. */
#pragma once

#include "common/rpc/client.h"

/* Pings often, and waits a second for its connection. */
struct rpc_client *ask_client(const char *endpoint);

/* One call from a test. */
struct ask {
    struct rpc_call call;
    unsigned runs;  /* of the closure */
    unsigned order; /* the how-manieth closure it was */
    enum status status;
    enum rpc_outcome outcome;
    uint64_t commit_sequence;
    uint32_t queue_us, work_us;
    char detail[256];
    char text[256]; /* task of the session in the reply, or of the first in a list */
};

void ask_start(struct rpc_client *client, struct ask *ask, const char *task);
void ask_checkpoint(struct rpc_client *client, struct ask *ask, const char *handle);
void ask_list(struct rpc_client *client, struct ask *ask, const char *project);
void ask_end(struct rpc_client *client, struct ask *ask, const char *handle);

/* A call of writer "anna" of tenant "acme" with 5 s to live. */
struct rpc_call ask_call(void);

/* Turns the client until *runs counts up to `want`, or 10 s passed (then the test fails). */
void turn_until(struct rpc_client *client, const unsigned *runs, unsigned want);
/* Turns it until the peer answered a ping. */
void turn_until_answering(struct rpc_client *client);
/* Turns it for so long, whatever happens. */
void turn_for(struct rpc_client *client, int ms);
/* Turns it once, after waiting for something to do for at most so long. */
void turn_once(struct rpc_client *client, int max_ms);
