/* envelope: what a request's _meta says about itself.
 *
 * From 2026-07-28 on every request carries its version and its client's capabilities there; a
 * request that names a version this way is a modern one, whatever its method.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/text.h"

#define META_KEY "io.modelcontextprotocol/"

/* Bits of what a client can do when a server asks it. */
enum {
    CLIENT_ROOTS = 1,
    CLIENT_SAMPLING = 2,
    CLIENT_ELICITATION_FORM = 4,
    CLIENT_ELICITATION_URL = 8,
};

struct mcp_envelope {
    bool claims; /* it names a version */
    bool version_is_string;
    bool capabilities_given; /* as an object */
    bool capabilities_malformed;
    bool log_level_is_bad;
    uint8_t capabilities; /* CLIENT_… */
    struct text version;
    struct text client_name; /* empty: it did not say */
    struct text traceparent; /* empty unless well formed */
};

/* raw: the value of _meta, or empty. Never fails; what is malformed counts as not given. */
void mcp_envelope_read(struct mcp_envelope *self, struct text raw, struct arena *arena);

/* The CLIENT_… bits of a ClientCapabilities object. */
uint8_t mcp_capabilities_read(struct text raw);

/* The name in an Implementation object ({"name":…,"version":…}); empty when there is none. */
struct text mcp_implementation_name(struct text raw, struct arena *arena);

/* W3C trace context, version 00: "00-<32 hex>-<16 hex>-<2 hex>", ids not all zero. */
bool mcp_traceparent_is_valid(struct text value);
