/* uri: the names of the resources.
 *
 *     forge://status              the health of the system
 *     context://brief/{project}   a briefing
 *     context://{id}              an entry
 */
#pragma once

#include <stdbool.h>

#include "common/base/arena.h"
#include "common/base/buffer.h"
#include "common/base/text.h"
#include "common/base/uuid.h"

enum mcp_uri_kind { URI_STATUS, URI_BRIEF, URI_ENTRY };

struct mcp_uri {
    enum mcp_uri_kind kind;
    struct uuid id;      /* of an entry */
    struct text project; /* of a briefing, decoded */
};

/* False when it names none of ours. */
bool mcp_uri_parse(struct text uri, struct arena *arena, struct mcp_uri *parsed) MUST_CHECK;

/* Appends "context://brief/" and the project, %-encoded where RFC 3986 wants it. */
void mcp_uri_write_brief(struct buffer *out, struct text project);
