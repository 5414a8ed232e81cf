/* rpc_methods: every method that a server answers, found by its name on the wire. */
#pragma once

#include "common/rpc/server.h"

struct rpc_method {
    char *name;                /* "forge.Context/Save" */
    ProtobufCService *service; /* NULL: answered by the server itself (Ping) */
    unsigned index;
    const ProtobufCMessageDescriptor *input;
    unsigned lane;
    uint32_t roles;
    /* How often rpc_server_resume named this method; a call that wants to be parked again after
     * one more of them runs again instead. */
    uint64_t resumes;
};

struct rpc_methods;

/* Checks that services and rules fit together; otherwise INVALID_ARGUMENT with the words. */
enum status rpc_methods_create(const struct rpc_server_options *options,
    struct rpc_methods **self_p, struct problem *problem) MUST_CHECK;
void rpc_methods_destroy(struct rpc_methods **self_p);

/* NULL when there is none. */
struct rpc_method *rpc_methods_find(const struct rpc_methods *self, struct text name);
