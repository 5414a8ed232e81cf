#include "forgectl/import/entry.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "common/json/writer.h"

void
import_entry_add_tag(struct import_entry *self, struct text tag)
{
    struct text kept = text_trim(text_cut(text_trim(tag), IMPORT_TAG_MAX));
    if (kept.length == 0 || self->tag_count == IMPORT_TAGS_MAX)
        return;
    for (size_t i = 0; i < self->tag_count; i++)
        if (text_equals(self->tags[i], kept))
            return;
    for (size_t i = 0; i < kept.length; i++)
        if ((unsigned char)kept.data[i] < 0x20 || kept.data[i] == 0x7f)
            return;
    self->tags[self->tag_count++] = kept;
}

void
import_entry_add_tags(struct import_entry *self, struct text list)
{
    while (list.length > 0) {
        const char *comma = memchr(list.data, ',', list.length);
        size_t length = comma != NULL ? (size_t)(comma - list.data) : list.length;
        import_entry_add_tag(self, text_from(list.data, length));
        size_t step = comma != NULL ? length + 1 : length;
        list = text_from(list.data + step, list.length - step);
    }
}

static char
kind_character(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (char)(c - 'A' + 'a');
    return (char)((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ? c : '-');
}

void
import_entry_set_kind(struct import_entry *self, struct text words, char out[IMPORT_KIND_MAX + 1])
{
    size_t length = 0;
    for (size_t i = 0; i < words.length && length < IMPORT_KIND_MAX; i++) {
        char c = kind_character(words.data[i]);
        bool is_leading = length == 0 && (c < 'a' || c > 'z');
        bool is_repeated = c == '-' && length > 0 && out[length - 1] == '-';
        if (!is_leading && !is_repeated)
            out[length++] = c;
    }
    while (length > 0 && out[length - 1] == '-')
        length--;
    out[length] = '\0';
    self->kind = text_from(out, length);
}

/* One line without control characters: what the service takes as a title. */
static void
write_title(struct json_writer *writer, struct text title)
{
    CLEANUP(buffer_release) struct buffer line = {0};
    struct text cut = text_cut(text_trim(title), IMPORT_TITLE_MAX);
    for (size_t i = 0; i < cut.length; i++) {
        unsigned char c = (unsigned char)cut.data[i];
        buffer_add_byte(&line, (char)(c < 0x20 || c == 0x7f ? ' ' : cut.data[i]));
    }
    if (line.length == 0)
        return;
    json_write_key(writer, "title");
    json_write_text(writer, buffer_text(&line));
}

static void
write_text(struct json_writer *writer, const char *key, struct text value)
{
    if (value.length == 0)
        return;
    json_write_key(writer, key);
    json_write_text(writer, value);
}

void
import_entry_write(const struct import_entry *self, struct buffer *json)
{
    struct json_writer writer;
    json_writer_init(&writer, json);
    json_write_object_begin(&writer);
    write_text(&writer, "content", self->content);
    write_title(&writer, self->title);
    write_text(&writer, "kind", self->kind);
    write_text(&writer, "project", self->project);
    write_text(&writer, "scope", self->scope);
    write_text(&writer, "created_at", self->created_at);
    if (self->tag_count > 0) {
        json_write_key(&writer, "tags");
        json_write_array_begin(&writer);
        for (size_t i = 0; i < self->tag_count; i++)
            json_write_text(&writer, self->tags[i]);
        json_write_array_end(&writer);
    }
    if (self->pinned) {
        json_write_key(&writer, "pinned");
        json_write_boolean(&writer, true);
    }
    json_write_object_end(&writer);
}

void
import_entry_key(struct text run, struct text place, struct text json, char key[IMPORT_KEY_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    CLEANUP(buffer_release) struct buffer parts = {0};
    buffer_format(&parts, "%.*s %zu ", TEXT_FORMAT(run), place.length);
    buffer_add_text(&parts, place);
    buffer_add_text(&parts, json);
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    if (EVP_Digest(parts.data, parts.length, hash, &length, EVP_sha256(), NULL) != 1)
        abort();
    for (size_t i = 0; i < length; i++) {
        key[2 * i] = digits[hash[i] >> 4];
        key[2 * i + 1] = digits[hash[i] & 15];
    }
    key[2 * (size_t)length] = '\0';
}
