/* http_head's part for header lines: what is demanded of each, and the words of a refusal. */
#pragma once

#include "gateway/http/head_check.h"

/* Checks one header line, not empty, without its CRLF, that begins at `at` of the fed bytes. False
 * with self->refusal set. */
bool http_head_field(
    struct http_head *self, const struct http_head_limits *limits, size_t at, struct text line);

bool http_head_has_host(const struct http_head *self);

/* RFC 9110's token: what methods and header names are made of. */
bool http_head_is_token(struct text text);

/* Notes why; always false. */
bool http_head_refuse(
    struct http_head *self, int http_status, enum http_reason reason, const char *message);
