#include "common/rpc/link.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base/memory.h"
#include "common/base/uuid.h"
#include "common/rpc/socket.h"

enum {
    RECONNECT_FIRST_MS = 100, /* a restarted service is found soon */
    RECONNECT_MAX_MS = 1000,
    MONITOR_HIGH_WATER = 1000,
};

struct rpc_link {
    zsock_t *dealer;
    zsock_t *monitor;
    void *dealer_handle;
    void *monitor_handle;
    char *endpoint;
    bool inproc;
    uint64_t foreign;
};

/* libzmq's own monitor rather than CZMQ's actor: no thread, no second hop. Over inproc it never
 * tells anything, but every client has the same two descriptors. */
static void
watch_events(struct rpc_link *self)
{
    uint64_t name;
    uuid_random(&name, sizeof name);
    char endpoint[64];
    snprintf(endpoint, sizeof endpoint, "inproc://rpc-link-%016" PRIx64, name);
    int started = zmq_socket_monitor(
        self->dealer_handle, endpoint, ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED);
    assert(started == 0);
    self->monitor = rpc_socket_create(ZMQ_PAIR, MONITOR_HIGH_WATER);
    self->monitor_handle = zsock_resolve(self->monitor);
    int connected = zmq_connect(self->monitor_handle, endpoint);
    assert(connected == 0);
}

struct rpc_link *
rpc_link_create(const char *endpoint, int high_water)
{
    struct rpc_link *self = memory_new(sizeof *self);
    self->endpoint = text_copy(text_of(endpoint));
    self->dealer = rpc_socket_create(ZMQ_DEALER, high_water);
    self->dealer_handle = zsock_resolve(self->dealer);
    zsock_set_immediate(self->dealer, 1);
    zsock_set_reconnect_ivl(self->dealer, RECONNECT_FIRST_MS);
    zsock_set_reconnect_ivl_max(self->dealer, RECONNECT_MAX_MS);
    self->inproc = strncmp(endpoint, "inproc://", 9) == 0;
    watch_events(self);
    rpc_link_reconnect(self);
    return self;
}

void
rpc_link_destroy(struct rpc_link **self_p)
{
    struct rpc_link *self = *self_p;
    if (!self)
        return;
    zmq_socket_monitor(self->dealer_handle, NULL, 0);
    zsock_destroy(&self->monitor);
    zsock_destroy(&self->dealer);
    memory_free(&self->endpoint);
    memory_free(self_p);
}

bool
rpc_link_is_inproc(const struct rpc_link *self)
{
    return self->inproc;
}

enum rpc_link_event
rpc_link_next_event(struct rpc_link *self)
{
    enum rpc_link_event event = RPC_LINK_NOTHING;
    zmq_msg_t frame;
    zmq_msg_init(&frame);
    while (event == RPC_LINK_NOTHING &&
           zmq_msg_recv(&frame, self->monitor_handle, ZMQ_DONTWAIT) >= 0) {
        uint16_t code = 0;
        if (zmq_msg_size(&frame) >= sizeof code)
            memcpy(&code, zmq_msg_data(&frame), sizeof code);
        if (code == ZMQ_EVENT_HANDSHAKE_SUCCEEDED)
            event = RPC_LINK_UP;
        else if (code == ZMQ_EVENT_DISCONNECTED)
            event = RPC_LINK_DOWN;
        rpc_socket_drop_rest(self->monitor_handle, &frame);
    }
    zmq_msg_close(&frame);
    return event;
}

void
rpc_link_reconnect(struct rpc_link *self)
{
    /* What a gone peer left of the old connection; at the start there is none. */
    (void)zmq_disconnect(self->dealer_handle, self->endpoint);
    /* A wrong endpoint behaves as one where nobody answers; the configuration was checked. */
    (void)zmq_connect(self->dealer_handle, self->endpoint);
}

bool
rpc_link_send(struct rpc_link *self, zmq_msg_t *message)
{
    return zmq_msg_send(message, self->dealer_handle, ZMQ_DONTWAIT) >= 0;
}

bool
rpc_link_receive(struct rpc_link *self, zmq_msg_t *message)
{
    return rpc_socket_receive_single(self->dealer_handle, message, &self->foreign);
}

static int
descriptor(void *handle)
{
    int fd = -1;
    size_t size = sizeof fd;
    zmq_getsockopt(handle, ZMQ_FD, &fd, &size);
    return fd;
}

void
rpc_link_fds(const struct rpc_link *self, int fds[2])
{
    fds[0] = descriptor(self->dealer_handle);
    fds[1] = descriptor(self->monitor_handle);
}
