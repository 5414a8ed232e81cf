/* Field numbers of the headers in wire.proto, for header.c and header_read.c. */
#pragma once

#include "common/rpc/header.h"

/* Protobuf's wire types. */
enum wire_type { VARINT = 0, FIXED_64 = 1, BYTES = 2, FIXED_32 = 5 };

/* Field numbers of wire.proto. */
enum { CALL_ID = 1 };
enum {
    REQUEST_METHOD = 2,
    REQUEST_ATTEMPT = 3,
    REQUEST_REMAINING_MS = 4,
    REQUEST_PRINCIPAL = 5,
    REQUEST_ROLES = 6,
    REQUEST_TENANT = 7,
    REQUEST_PROJECT = 8,
    REQUEST_KEY = 9,
    REQUEST_TRACEPARENT = 10,
    REQUEST_CRITICALITY = 11,
};
enum {
    REPLY_STATUS = 2,
    REPLY_DETAIL = 3,
    REPLY_OUTCOME = 4,
    REPLY_COMMIT_SEQUENCE = 5,
    REPLY_SERVED_BY = 6,
    REPLY_QUEUE_US = 7,
    REPLY_WORK_US = 8,
};
