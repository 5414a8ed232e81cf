/* receive: one POST to /mcp, from its body to the methods. */
#pragma once

#include "gateway/mcp/server.h"

/* Answers the exchange, at once or later. Method and content type were checked. */
void mcp_receive(struct mcp *self, struct http_exchange *exchange);
