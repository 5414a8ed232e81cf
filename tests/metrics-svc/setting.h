/* setting: a running metrics-svc over LevelDB in a temporary folder, and one client of it. */
#pragma once

#include <czmq.h>

#include "common/base/buffer.h"
#include "common/rpc/client.h"
#include "metrics-svc/service.h"

#include "pushes.h"

struct setting {
    char folder[64];
    char store_path[96];
    char endpoint[64];
    struct metrics *metrics;
    uint64_t min_free_bytes; /* of disk space; 0: the default */
    zactor_t *thread;
    struct rpc_client *client;
};

void setting_init(struct setting *self);
void setting_release(struct setting *self);

void setting_start(struct setting *self);
void setting_stop(struct setting *self);

/* One call and how it ended; the reply is kept packed. */
struct asked {
    struct rpc_call call;
    unsigned runs;
    enum status status;
    enum rpc_outcome outcome;
    uint64_t commit_sequence;
    char detail[256];
    struct buffer reply;
};

/* Calls the method and waits for its end. */
void setting_ask(struct setting *self, const ProtobufCServiceDescriptor *descriptor,
    const char *method, const ProtobufCMessage *input, uint32_t roles, struct asked *asked);
void asked_release(struct asked *self);
