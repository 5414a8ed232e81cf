/* failure: how a tool's failure reads, to a model and to a program; for call.c and the tools. */
#pragma once

#include "gateway/tools/call.h"

/* Ends the call after its service did not answer with OK: words that name the service, say what
 * became of a write, and what to do next. */
void tool_call_fail(struct tool_call *self);

/* Sets the words and writes {"error":{"code":…,"message":…  with the error object still open. */
void tool_failure_begin(
    struct tool_call *self, enum status status, const char *words, struct json_writer *writer);

/* Closes both objects and ends the call. */
void tool_failure_end(struct tool_call *self, struct json_writer *writer);
