/* push: the program's own numbers to metrics-svc, once a second, on libuv. */
#pragma once

#include <uv.h>

#include "common/rpc/telemetry.h"

struct push;

/* metrics: borrowed for life. Pushes at once and then every second. */
struct push *push_create(
    uv_loop_t *loop, struct metrics *metrics, const struct telemetry_options *options);
/* The memory goes when the loop has closed the handles. Accepts NULL inside. */
void push_destroy(struct push **self_p);
