/* http_request: makes the fields of an exchange from a head that was checked. */
#pragma once

#include "gateway/http/exchange_state.h"
#include "gateway/http/head_check.h"

/* bytes: the request from its first byte on, head->length at least; header names are put in lower
 * case there. False when the HTTP parser reads the head in another way than the check did. */
bool http_request_parse(struct http_exchange *exchange, const struct http_head *head, char *bytes);
