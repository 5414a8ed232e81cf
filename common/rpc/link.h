/* rpc_link: a client's DEALER and what libzmq tells about its connection.
 *
 * A send without a peer fails at once, nothing ever waits. ZMTP's own heartbeats stay off: with a
 * full receive queue they abort the process in libzmq 4.3.4.
 */
#pragma once

#include <stdbool.h>

#include <zmq.h>

struct rpc_link;

enum rpc_link_event {
    RPC_LINK_NOTHING,
    RPC_LINK_UP,   /* the peer speaks ZMTP with us */
    RPC_LINK_DOWN, /* the connection broke; what was sent on it may be lost */
};

/* high_water: more messages than can ever be under way. */
struct rpc_link *rpc_link_create(const char *endpoint, int high_water);
void rpc_link_destroy(struct rpc_link **self_p);

/* inproc has no connection events, and no reconnecting of its own. */
bool rpc_link_is_inproc(const struct rpc_link *self);

/* Takes the next event. */
enum rpc_link_event rpc_link_next_event(struct rpc_link *self);

/* For inproc, after a send failed: whoever was there is gone; connects to whoever comes. */
void rpc_link_reconnect(struct rpc_link *self);

/* Takes the message when it returns true; false when no peer is there. */
bool rpc_link_send(struct rpc_link *self, zmq_msg_t *message);

/* False when nothing is left to receive. The message is initialised; true fills it. */
bool rpc_link_receive(struct rpc_link *self, zmq_msg_t *message);

/* Descriptors that become readable: messages, events. */
void rpc_link_fds(const struct rpc_link *self, int fds[2]);
