/* fake_backends: services that answer what a test prepared, and remember what they were asked.
 *
 * Stands where the gateway's backends stand: bind gives a service object whose calls are recorded
 * (the request as a copy of its own) and answered at once, or later when the test holds them.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "gateway/backends/backends.h"

enum { FAKE_CALLS = 128, FAKE_ANSWERS = 16 };

struct fake_call {
    char service[32]; /* "Context" */
    char method[32];  /* "Save" */
    ProtobufCMessage *request;
    struct rpc_call rpc; /* as bound; its texts were valid then */
    char principal[64], project[160], traceparent[64];
    uint8_t key[RPC_KEY_SIZE];
    bool has_key;
    int64_t remaining_ms;
    bool open, cancelled;
    struct rpc_call *bound;
    ProtobufCClosure closure;
    void *closure_data;
};

struct fake_answer {
    const char *method;
    const ProtobufCMessage *reply; /* NULL: only the status */
    struct rpc_reply outcome;
};

struct fake_backends {
    struct backends backends; /* first */
    ProtobufCService service;
    struct rpc_call *bound;
    bool hold; /* calls wait for fake_backends_release */
    struct fake_call calls[FAKE_CALLS];
    size_t call_count;
    struct fake_answer answers[FAKE_ANSWERS];
    size_t answer_count;
};

void fake_backends_init(struct fake_backends *self);
void fake_backends_release_all(struct fake_backends *self); /* the memory */

/* The method ("Save") answers with the reply, which is borrowed. Later words win. */
void fake_backends_answer(
    struct fake_backends *self, const char *method, const ProtobufCMessage *reply);
/* The method fails. */
void fake_backends_fail(struct fake_backends *self, const char *method, enum status status,
    enum rpc_outcome outcome, const char *detail);

/* Answers every held call; cancelled ones with STATUS_CANCELLED. */
void fake_backends_release(struct fake_backends *self);

/* The newest call; fails the test when there is none or it is of another method. */
const struct fake_call *fake_backends_last(const struct fake_backends *self, const char *method);
