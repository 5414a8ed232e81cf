/* json_keys: finds the key that an object has twice, for the reader of this room. */
#pragma once

#include "common/json/reader.h"

/* Notes a key of the innermost open object; quote: its opening quote in the document, key: its
 * characters. NULL, or static words when the object has it already or too many keys are open. A key
 * with escapes fits the reader's scratch in its raw form. */
const char *json_keys_add(struct json_reader *reader, const char *quote, struct text key);
