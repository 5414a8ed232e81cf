/* edit: one change in a JSON document, all other bytes kept.
 *
 * The document belongs to somebody else: its order, blanks and line ends stay as they are, and only
 * the changed member is written in the document's own indentation. Strict JSON only: a document
 * with comments is refused rather than damaged.
 */
#pragma once

#include <stdbool.h>

#include "common/base/attributes.h"
#include "common/base/buffer.h"
#include "common/base/problem.h"
#include "common/base/status.h"
#include "common/base/text.h"

enum edit_outcome {
    EDIT_SAME, /* it already held just that */
    EDIT_CHANGED,
    EDIT_IMPOSSIBLE, /* the section is of another type */
};

/* INVALID_ARGUMENT with words when the document is neither blank nor one JSON object. */
enum status edit_check(struct text document, struct problem *problem) MUST_CHECK;

/* Sets the member `name` of the top object's member `section`, an object, to a value of raw JSON.
 * Both are made where they are missing, a blank document too. The document was checked, and is
 * changed in place. */
enum edit_outcome edit_set(
    struct buffer *document, const char *section, const char *name, struct text value);

/* Adds an element of raw JSON to the top object's member `section`, an array, which is made where
 * it is missing. An element with the same "id" is as good. */
enum edit_outcome edit_append(struct buffer *document, const char *section, struct text element);

/* Raw JSON over several lines; `unit` is one step of indentation and `depth` the steps of the line
 * that it stands in. */
void edit_write(struct buffer *out, struct text raw, struct text unit, unsigned depth);
