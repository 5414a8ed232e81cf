/* telemetry_request: a registry's numbers as one PushRequest. Only telemetry uses it. */
#pragma once

#include "metrics.pb-c.h"

#include "common/process/metrics.h"

struct telemetry_request;

/* Collects the registry; at most 4096 series. */
struct telemetry_request *telemetry_request_create(struct metrics *metrics);
void telemetry_request_destroy(struct telemetry_request **self_p);

/* Its samples are filled; who pushes is the caller's to add, borrowed. */
Forge__PushRequest *telemetry_request_message(struct telemetry_request *self);
