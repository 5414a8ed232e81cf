#include "forgectl/import/markdown.h"

#include <string.h>

static size_t
line_size(struct text text)
{
    const char *end = memchr(text.data, '\n', text.length);
    return end != NULL ? (size_t)(end - text.data) + 1 : text.length;
}

static struct text
without_end(struct text line)
{
    while (line.length > 0 && strchr(" \t\r\n", line.data[line.length - 1]) != NULL)
        line.length--;
    return line;
}

/* A line may be indented by up to three blanks and still be a heading or a fence. */
static struct text
without_indent(struct text line)
{
    for (size_t i = 0; i < 3 && line.length > 0 && line.data[0] == ' '; i++)
        line = text_from(line.data + 1, line.length - 1);
    return line;
}

static bool
is_fence(struct text line)
{
    struct text start = without_indent(line);
    return text_starts_with(start, TEXT("```")) || text_starts_with(start, TEXT("~~~"));
}

/* "## Words ##" gives "Words"; false when the line is no heading. */
static bool
heading_words(struct text line, struct text *words)
{
    struct text text = without_end(without_indent(line));
    size_t level = 0;
    while (level < text.length && text.data[level] == '#')
        level++;
    if (level == 0 || level > 6 || (level < text.length && text.data[level] != ' '))
        return false;
    text = text_trim(text_from(text.data + level, text.length - level));
    while (text.length > 0 && text.data[text.length - 1] == '#')
        text.length--;
    *words = text_trim(text);
    return true;
}

void
markdown_init(struct markdown *self, struct text document, size_t max_bytes)
{
    *self = (struct markdown){.rest = document, .max_bytes = max_bytes};
}

/* Where the part ends that begins at rest, when all of it does not fit. */
static size_t
find_cut(struct markdown *self)
{
    size_t heading = 0;
    size_t blank = 0;
    size_t at = 0;
    bool is_in_fence = self->is_in_fence;
    bool blank_is_in_fence = false;
    while (at < self->rest.length) {
        struct text left = text_from(self->rest.data + at, self->rest.length - at);
        size_t size = line_size(left);
        struct text line = text_from(left.data, size);
        struct text words;
        if (at > 0 && !is_in_fence && heading_words(line, &words))
            heading = at;
        if (at + size > self->max_bytes)
            break;
        if (is_fence(line))
            is_in_fence = !is_in_fence;
        at += size;
        if (without_end(line).length > 0)
            continue;
        blank = at;
        blank_is_in_fence = is_in_fence;
    }
    if (heading > 0) {
        self->is_in_fence = false;
        return heading;
    }
    self->is_in_fence = blank > 0 ? blank_is_in_fence : is_in_fence;
    if (blank > 0)
        return blank;
    return at > 0 ? at : text_cut(self->rest, self->max_bytes).length;
}

bool
markdown_next(struct markdown *self, struct text *part)
{
    while (self->rest.length > 0) {
        size_t size = self->rest.length <= self->max_bytes ? self->rest.length : find_cut(self);
        *part = text_from(self->rest.data, size);
        self->rest = text_from(self->rest.data + size, self->rest.length - size);
        struct text shown = without_end(*part);
        if (text_trim(shown).length > 0)
            return true;
    }
    return false;
}

static bool
is_underline(struct text line)
{
    struct text text = without_end(line);
    for (size_t i = 0; i < text.length; i++)
        if (text.data[i] != '=')
            return false;
    return text.length >= 3;
}

struct text
markdown_heading(struct text document)
{
    bool is_in_fence = false;
    struct text before = {NULL, 0};
    for (size_t at = 0; at < document.length;) {
        struct text left = text_from(document.data + at, document.length - at);
        struct text line = text_from(left.data, line_size(left));
        struct text words;
        if (is_fence(line))
            is_in_fence = !is_in_fence;
        else if (!is_in_fence && heading_words(line, &words) && words.length > 0)
            return words;
        else if (!is_in_fence && is_underline(line) && before.length > 0)
            return before;
        before = text_trim(without_end(line));
        at += line.length;
    }
    return text_from(NULL, 0);
}
