/* page: the cursors that reading tools give out.
 *
 * A service's own cursor says where a page of it began; the gateway adds how many items of that
 * page were already shown, because max_tokens may end a result in the middle of a page.
 */
#pragma once

#include <protobuf-c/protobuf-c.h>

#include "gateway/tools/budget.h"

struct page {
    uint32_t skip;               /* items of the page that were shown before */
    ProtobufCBinaryData service; /* the service's cursor of the page's beginning */
};

/* Bytes that budget_init should keep free for page_write_end. */
size_t page_tail_bytes(const struct page *self, const ProtobufCBinaryData *next);

/* Reads a cursor argument; false, and the call is over, when it is not one of ours. Without the
 * argument the page is the first. */
bool page_read(
    struct page *self, struct tool_call *call, const struct argument_value *cursor) MUST_CHECK;

/* Writes {"id":…} in place of an item that alone is larger than the budget. */
void page_write_short(struct json_writer *writer, ProtobufCBinaryData id);

/* Writes "truncated", and "cursor" when there is more: shown counts the items of this page that
 * were written or skipped, next is the service's cursor after it (empty: the end). */
void page_write_end(const struct page *self, const struct budget *budget, size_t shown,
    const ProtobufCBinaryData *next);
