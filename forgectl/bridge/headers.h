/* headers: the HTTP header lines that go with a message.
 *
 * The modern era mirrors parts of the message in headers; the legacy one names the session that
 * initialize opened and its version.
 */
#pragma once

#include "common/base/arena.h"
#include "common/base/text.h"
#include "forgectl/bridge/message.h"

enum { BRIDGE_HEADERS_MAX = 8 };

/* Fills `lines` with "Name: value" strings in the arena and gives their number. session and version
 * are those of the legacy session, or empty. */
size_t bridge_headers(const struct bridge_message *message, struct text session,
    struct text version, struct arena *arena, const char *lines[BRIDGE_HEADERS_MAX]);

/* A value as a header can carry it: as it is, or "=?base64?…?=" when it holds more than visible
 * ASCII and inner blanks, is empty, or looks like that form itself. */
const char *bridge_header_value(struct text value, struct arena *arena);
