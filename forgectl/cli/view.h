/* view: looking into JSON that was already read once.
 *
 * An answer is kept as its bytes; these find parts of it as raw JSON, borrowed from those bytes.
 * What is not there, or not of the asked type, is the empty text (data NULL).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/text.h"
#include "common/json/reader.h"

/* The raw value of a member; a path "entry.title" goes down. */
struct text view_member(struct text object, const char *path);

/* The first of the paths (NULL-terminated list) that is there. */
struct text view_first(struct text object, const char *const *paths);

enum json_type view_type(struct text raw);

/* A string's text, unescaped into the arena; empty for other types. */
struct text view_string(struct text raw, struct arena *arena);

/* For a person: strings without quotes, numbers and words as they are, arrays of plain values with
 * ", " between, null and absent as "", objects as JSON. */
struct text view_display(struct text raw, struct arena *arena);

/* Walks an array or an object of raw JSON:
 *
 *     struct view_walk walk;
 *     view_walk_begin(&walk, raw);
 *     while (view_walk_next(&walk)) ... walk.value (walk.key in an object) ...
 */
struct view_walk {
    struct json_reader reader;
    bool is_object;
    bool is_open;
    struct text key; /* until the next step */
    struct text value;
};

void view_walk_begin(struct view_walk *self, struct text raw);
bool view_walk_next(struct view_walk *self);
