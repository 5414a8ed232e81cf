/* http_parse: the one file that knows the HTTP parser (whose names and ours clash). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/text.h"

struct http_field {
    struct text name;
    struct text value; /* without blanks around it; data is never NULL */
};

struct http_parsed {
    struct http_field *fields; /* the caller's room for field_max */
    unsigned field_max;
    unsigned field_count;
    struct text target;
    uint64_t content_length; /* 0 when none came */
    int version_major, version_minor;
    bool keeps_alive;
    bool upgrades;
};

/* Reads a whole head, and nothing behind it. False when the parser refuses it, when bytes are left
 * over, or when it has more fields than there is room for. The texts point into the head. */
bool http_parse_head(struct text head, struct http_parsed *parsed);
