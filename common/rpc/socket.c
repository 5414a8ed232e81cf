#include "common/rpc/socket.h"

#include <assert.h>
#include <sys/stat.h>

#include "common/base/path.h"
#include "common/base/text.h"
#include "common/rpc/wire.h"

zsock_t *
rpc_socket_create(int type, int high_water)
{
    zsock_t *socket = zsock_new(type);
    assert(socket);
    zsock_set_linger(socket, 0);
    zsock_set_sndtimeo(socket, 0);
    zsock_set_sndhwm(socket, high_water);
    zsock_set_rcvhwm(socket, high_water);
    zsock_set_maxmsgsize(socket, RPC_WIRE_MESSAGE_MAX);
    zsock_set_heartbeat_ivl(socket, 0);
    zsock_set_handshake_ivl(socket, 2000);
    zsock_set_tcp_maxrt(socket, 10000);
    return socket;
}

void
rpc_socket_drop_rest(void *handle, zmq_msg_t *frame)
{
    while (zmq_msg_more(frame))
        if (zmq_msg_recv(frame, handle, ZMQ_DONTWAIT) < 0)
            break;
}

bool
rpc_socket_receive_single(void *handle, zmq_msg_t *frame, uint64_t *passed_over)
{
    while (zmq_msg_recv(frame, handle, ZMQ_DONTWAIT) >= 0) {
        if (!zmq_msg_more(frame))
            return true;
        ++*passed_over;
        rpc_socket_drop_rest(handle, frame);
    }
    return false;
}

void
rpc_socket_make_folder(const char *endpoint)
{
    static const char scheme[] = "ipc://";
    if (strncmp(endpoint, scheme, sizeof scheme - 1) == 0)
        path_make_folder_of(endpoint + sizeof scheme - 1);
}
