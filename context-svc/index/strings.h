/* strings: names that many documents share (project, kind, author, branch, session, tag), each held
 * once and known by a number from 1; 0 is the empty name. The writer adds, never removes; readers
 * look up what was there when their view was published. Names go with the last of both.
 */
#pragma once

#include <stdint.h>

#include "common/base/text.h"

struct index_strings;
struct index_string_bytes;
struct index_string_slots;
struct index_directory;

static const uint32_t index_string_none = UINT32_MAX;

/* What a view holds; release it. */
struct index_names {
    struct index_string_bytes *bytes;
    struct index_string_slots *slots;
    struct index_directory *rows;
    uint32_t count;
};

struct index_strings *index_strings_create(void);
void index_strings_destroy(struct index_strings **self_p);

uint32_t index_strings_intern(struct index_strings *self, struct text name);
struct index_names index_strings_share(struct index_strings *self);

void index_names_release(struct index_names *self);
/* index_string_none when no document ever had it. */
uint32_t index_names_find(const struct index_names *self, struct text name);
