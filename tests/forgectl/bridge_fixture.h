/* bridge_fixture: the bridge run over lines, against an answerer that behaves like a gateway.
 *
 * What the answerer does depends on the method that a request names: "plain", "slow" (answered
 * after the next one), "stream", "broken", "lost" (404 but in the second session), "refused",
 * "denied", "html", "hang up", "never".
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "tests/forgectl/answerer.h"

#define JSON_RPC "{\"jsonrpc\":\"2.0\","
#define INITIALIZE                                                                                 \
    JSON_RPC "\"id\":0,\"method\":\"initialize\",\"params\":{\"protocolVersion\":\"2025-11-25\"}}" \
             "\n"
#define INITIALIZED                                                                                \
    JSON_RPC "\"id\":0,\"result\":{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{}}}"
#define CLAIM "\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\"}"

int bridge_set_up(void **state);
int bridge_tear_down(void **state);

/* Each runs the bridge over these lines and gives what it printed, borrowed until the next run. */
const char *bridge_lines(const char *input);
const char *bridge_lines_within(const char *input, int64_t timeout_ms);
/* The input stays open; the bridge is stopped once it printed so many bytes. */
const char *bridge_open_lines(const char *input, size_t stop_at);

unsigned bridge_sessions(void);
void bridge_stop(void);
size_t bridge_request_count(void);
const struct answerer_request *bridge_request(size_t index);
bool bridge_body_has(const struct answerer_request *request, const char *words);
