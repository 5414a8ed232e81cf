/* rpc_socket: the options that every socket of this room has.
 *
 * CZMQ reads defaults from ZSYS_* variables of the environment; these calls overrule them.
 */
#pragma once

#include <czmq.h>

/* A socket of CZMQ's context (others would escape its ZAP handler) that never waits: no linger, no
 * send timeout, high_water messages in each direction, RPC_WIRE_MESSAGE_MAX as the frame limit. */
zsock_t *rpc_socket_create(int type, int high_water);

/* Receives one message of one frame into the initialised *frame, without waiting. Messages of
 * several frames are passed over and counted. False when nothing is there. */
bool rpc_socket_receive_single(void *handle, zmq_msg_t *frame, uint64_t *passed_over);

/* Drops the rest of a message whose last read frame said that more follow. */
void rpc_socket_drop_rest(void *handle, zmq_msg_t *frame);

/* For ipc://PATH: makes the folders that are missing, for this user alone. Whether it helped, the
 * bind will tell. */
void rpc_socket_make_folder(const char *endpoint);
