/* http_socket: a bound TCP socket that several loops can share. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/problem.h"
#include "common/base/status.h"

/* Not yet listening, not blocking, closed on exec; the caller owns it. joins: the address may be in
 * use by another socket made here; else that is UNAVAILABLE. INVALID_ARGUMENT: no IP address. */
enum status http_socket_open(
    const char *address, uint16_t port, bool joins, int *fd, struct problem *problem) MUST_CHECK;
