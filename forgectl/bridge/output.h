/* output: lines of JSON-RPC to the client. */
#pragma once

#include <stdbool.h>

#include "common/base/text.h"

struct bridge_output {
    int fd;
    bool has_failed; /* the client reads no more */
};

/* Writes a message as one line: line ends inside, which JSON allows between its parts, become
 * blanks. Waits when the client reads slowly. */
void bridge_output_message(struct bridge_output *self, struct text message);

/* Writes an error answer for each id of a list of raw ids with commas between; `error` is raw JSON.
 */
void bridge_output_error(struct bridge_output *self, struct text ids, struct text error);

/* The same with an error made from a JSON-RPC code and words. */
void bridge_output_words(struct bridge_output *self, struct text ids, int code, const char *words);
