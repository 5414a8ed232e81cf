#include "context-svc/entry.h"

#include <openssl/sha.h>

#include "records.pb-c.h"

#include "context-svc/limits.h"
#include "context-svc/record.h"

_Static_assert((int)ENTRY_HASH_SIZE == SHA256_DIGEST_LENGTH, "content hashes are SHA-256");

/* Parts are closed by a NUL, which none of them holds. */
static void
add_part(struct buffer *out, struct text part)
{
    buffer_add_text(out, part);
    buffer_add_byte(out, '\0');
}

static void
hash_buffer(const struct buffer *buffer, uint8_t hash[SHA256_DIGEST_LENGTH])
{
    SHA256((const unsigned char *)buffer->data, buffer->length, hash);
}

void
context_entry_content_hash(const Forge__Entry *entry, uint8_t hash[ENTRY_HASH_SIZE])
{
    CLEANUP(buffer_release) struct buffer parts = {0};
    add_part(&parts, text_of(entry->kind));
    add_part(&parts, text_of_bytes(entry->title));
    add_part(&parts, text_of_bytes(entry->content));
    hash_buffer(&parts, hash);
}

void
context_entry_place_hash(const Forge__Entry *entry, uint8_t hash[KEY_HASH_SIZE])
{
    CLEANUP(buffer_release) struct buffer parts = {0};
    add_part(&parts, text_of(entry->project));
    add_part(&parts, context_entry_owner(entry));
    buffer_add_byte(&parts, (char)entry->scope);
    buffer_add_text(&parts, text_of_bytes(entry->content_hash));
    hash_buffer(&parts, hash);
}

static struct text
next_line(struct text *rest)
{
    const char *end = rest->length ? memchr(rest->data, '\n', rest->length) : NULL;
    size_t length = end ? (size_t)(end - rest->data) : rest->length;
    struct text line = text_from(rest->data, length);
    size_t used = end ? length + 1 : length;
    *rest = text_from(rest->data + used, rest->length - used);
    return line;
}

/* Control characters end a line here too; leading marks of headings, lists and quotes go. */
static struct text
bare_line(struct text line)
{
    static const char marks[] = "#>*-=`~_ \t\r";
    while (line.length && memchr(marks, line.data[0], sizeof marks - 1))
        line = text_from(line.data + 1, line.length - 1);
    size_t length = 0;
    while (length < line.length && (unsigned char)line.data[length] >= 0x20)
        length++;
    return text_trim(text_from(line.data, length));
}

struct text
context_entry_derive_title(struct text content, struct arena *arena)
{
    struct text rest = content;
    struct text line = {NULL, 0};
    while (!line.length && rest.length)
        line = bare_line(next_line(&rest));
    if (!line.length)
        line = TEXT("Untitled");
    if (line.length <= LIMIT_TITLE_DERIVED_BYTES)
        return line;
    struct text cut = text_cut(line, LIMIT_TITLE_DERIVED_BYTES);
    return text_of(arena_format(arena, "%.*s…", TEXT_FORMAT(cut)));
}

char *
context_entry_kind(const char *wanted, struct arena *arena)
{
    char *kind = arena_copy(arena, wanted[0] ? text_of(wanted) : TEXT("note"));
    for (char *at = kind; *at; at++)
        if (*at >= 'A' && *at <= 'Z')
            *at = (char)(*at - 'A' + 'a');
    return kind;
}

void
context_entry_pack_card(const Forge__Entry *entry, struct buffer *out)
{
    Context__Card card = CONTEXT__CARD__INIT;
    card.kind = entry->kind;
    card.scope = (uint32_t)entry->scope;
    card.author = entry->author;
    card.n_tags = entry->n_tags;
    card.tags = entry->tags;
    card.expires_at_ms = entry->expires_at_ms;
    card.superseded = entry->superseded_by.len > 0;
    buffer_clear(out);
    size_t size = context__card__get_packed_size(&card);
    context__card__pack(&card, (uint8_t *)buffer_reserve(out, size));
    out->length += size;
}

void
context_entry_document(
    const Forge__Entry *entry, struct arena *arena, struct index_document *document)
{
    struct text *tags = arena_new(arena, (entry->n_tags + 1) * sizeof *tags);
    for (size_t i = 0; i < entry->n_tags; i++)
        tags[i] = text_of(entry->tags[i]);
    *document = (struct index_document){.id = context_entry_id(entry),
        .kind = text_of(entry->kind),
        .project = text_of(entry->project),
        .author = text_of(entry->author),
        .branch = text_of(entry->branch),
        .session = text_of(entry->session),
        .title = text_of_bytes(entry->title),
        .content = text_of_bytes(entry->content),
        .tags = tags,
        .tag_count = entry->n_tags,
        .scope = (uint8_t)entry->scope,
        .pinned = entry->pinned,
        .superseded = entry->superseded_by.len > 0,
        .expires_at_ms = entry->expires_at_ms,
        .created_at_ms = entry->created_at_ms,
        .updated_at_ms = entry->updated_at_ms};
}

bool
context_entry_is_searched(const Forge__Entry *entry)
{
    return entry->content.len > 0;
}

struct text
context_entry_owner(const Forge__Entry *entry)
{
    return entry->scope == FORGE__SCOPE__PRIVATE ? text_of(entry->author) : TEXT("");
}

static bool
holds(char *const *words, size_t count, const char *word)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(words[i], word) == 0)
            return true;
    return false;
}

bool
context_entry_join_tags(
    Forge__Entry *entry, char *const *tags, size_t tag_count, struct arena *arena, bool *added)
{
    char **joined = arena_new(arena, (entry->n_tags + tag_count + 1) * sizeof *joined);
    size_t count = 0;
    for (size_t i = 0; i < entry->n_tags; i++)
        joined[count++] = entry->tags[i];
    for (size_t i = 0; i < tag_count; i++)
        if (!holds(joined, count, tags[i]))
            joined[count++] = tags[i];
    if (count > LIMIT_TAGS)
        return false;
    *added = count > entry->n_tags;
    entry->tags = joined;
    entry->n_tags = count;
    return true;
}

bool
context_tags_hold(char *const *tags, size_t tag_count, char *const *wanted, size_t wanted_count)
{
    for (size_t i = 0; i < wanted_count; i++)
        if (!holds(tags, tag_count, wanted[i]))
            return false;
    return true;
}

bool
context_words_allow(char *const *words, size_t count, const char *word)
{
    return count == 0 || holds(words, count, word);
}
