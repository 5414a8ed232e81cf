/* record: an entry as it lies in the store.
 *
 * A head of fixed form, which a point read judges without unpacking anything, and behind it the
 * packed forge.Entry. Use is counted in the head alone, so that folding it in never packs again.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "context.pb-c.h"

#include "common/base/arena.h"
#include "common/base/buffer.h"
#include "common/base/text.h"
#include "common/base/uuid.h"

enum {
    RECORD_WORK_SESSION = 1, /* belongs to a work session, which alone writes its text */
};

struct context_record_head {
    uint8_t scope; /* forge.Scope */
    uint8_t flags;
    uint32_t use_count;
    int64_t last_used_at_ms;
    int64_t expires_at_ms; /* 0: never */
    struct text author;
};

/* Replaces the buffer's content. The entry's use fields go into the head. */
void context_record_build(struct buffer *out, const Forge__Entry *entry, uint8_t flags);

/* False: damaged. Everything is borrowed from the value. */
bool context_record_parse(struct text value, struct context_record_head *head, struct text *packed);

/* The whole entry, in the arena; NULL when damaged or past the arena's cap. */
Forge__Entry *context_record_unpack(struct text value, struct arena *arena, uint8_t *flags);

/* The same without its content (content_bytes tells its length), which is borrowed from the value:
 * for lists, where the texts together may be large. */
Forge__Entry *context_record_unpack_card(
    struct text value, struct arena *arena, struct text *content);

/* Counts uses in a copy of the value, made in the buffer. False: damaged. */
bool context_record_count_use(
    struct text value, uint32_t uses, int64_t used_at_ms, struct buffer *out);

/* Appends field `number` of a message: the entry with its use, as forge.Entry. */
void context_record_append(struct buffer *out, unsigned number,
    const struct context_record_head *head, struct text packed);

/* Whether this principal may know of it at this time. */
bool context_record_is_visible(
    const struct context_record_head *head, struct text principal, int64_t now_ms);
bool context_entry_is_visible(const Forge__Entry *entry, struct text principal, int64_t now_ms);

/* An entry's id; asserts that it has one. */
struct uuid context_entry_id(const Forge__Entry *entry);

static inline struct text
text_of_bytes(ProtobufCBinaryData bytes)
{
    return text_from(bytes.data, bytes.len);
}

static inline ProtobufCBinaryData
bytes_of_text(struct text text)
{
    return (ProtobufCBinaryData){.data = (uint8_t *)text.data, .len = text.length};
}
