#include "forgectl/import/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/arena.h"
#include "common/base/memory.h"
#include "forgectl/import/front_matter.h"
#include "forgectl/import/markdown.h"
#include "forgectl/import/record.h"

enum { FILE_MAX = 32 << 20, ARENA_MAX = 1 << 20 };

struct folder_source {
    struct import_source base;
    char *root;
    FTS *walk;
    struct arena arena; /* of the current file's front matter and of the part's title */
    struct buffer document;
    struct buffer path;
    struct import_entry head; /* what all parts of the file share */
    struct markdown parts;
    size_t part_count;
    bool has_file;
};

static void
folder_destroy(struct import_source *base)
{
    struct folder_source *self = (struct folder_source *)base;
    if (self->walk != NULL)
        (void)fts_close(self->walk);
    free(self->root);
    arena_release(&self->arena);
    buffer_release(&self->document);
    buffer_release(&self->path);
    free(self);
}

static int
by_name(const FTSENT **a, const FTSENT **b)
{
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

static FTS *
open_walk(const struct folder_source *self)
{
    char *roots[] = {self->root, NULL};
    return fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
}

static bool
is_hidden(const FTSENT *entry)
{
    return entry->fts_level > 0 &&
           (entry->fts_name[0] == '.' || strcmp(entry->fts_name, "node_modules") == 0);
}

static bool
is_markdown(const FTSENT *entry)
{
    const char *ending = strrchr(entry->fts_name, '.');
    return ending != NULL &&
           (strcasecmp(ending, ".md") == 0 || strcasecmp(ending, ".markdown") == 0);
}

/* The next Markdown file, or something that cannot be read; NULL at the end. */
static FTSENT *
next_file(FTS *walk)
{
    FTSENT *entry = NULL;
    while ((entry = fts_read(walk)) != NULL) {
        switch (entry->fts_info) {
        case FTS_D:
            if (is_hidden(entry))
                (void)fts_set(walk, entry, FTS_SKIP);
            break;
        case FTS_F:
            if (!is_hidden(entry) && is_markdown(entry))
                return entry;
            break;
        case FTS_DNR:
        case FTS_ERR:
        case FTS_NS: return entry;
        default: break;
        }
    }
    return NULL;
}

static uint64_t
total_bytes(const struct folder_source *self)
{
    uint64_t total = 0;
    FTS *walk = open_walk(self);
    if (walk == NULL)
        return 0;
    const FTSENT *entry = NULL;
    while ((entry = next_file(walk)) != NULL)
        if (entry->fts_info == FTS_F)
            total += (uint64_t)entry->fts_statp->st_size;
    (void)fts_close(walk);
    return total;
}

static enum status
read_document(struct folder_source *self, const FTSENT *entry, struct problem *problem)
{
    buffer_clear(&self->document);
    int fd = open(entry->fts_accpath, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    ssize_t size = fd < 0 ? -1 : 1;
    while (size > 0 && self->document.length <= FILE_MAX) {
        size = read(fd, buffer_reserve(&self->document, 65536), 65536);
        if (size > 0)
            self->document.length += (size_t)size;
    }
    int reason = errno;
    if (fd >= 0)
        (void)close(fd);
    if (size < 0) {
        problem_set(problem, "cannot read it: %s", strerror(reason));
        return STATUS_INVALID_ARGUMENT;
    }
    if (self->document.length > FILE_MAX) {
        problem_set(problem, "it is longer than %d MiB", FILE_MAX >> 20);
        return STATUS_INVALID_ARGUMENT;
    }
    struct text text = buffer_text(&self->document);
    if (!text_is_utf8(text) || (text.length > 0 && memchr(text.data, '\0', text.length) != NULL)) {
        problem_set(problem, "it is no UTF-8 text");
        return STATUS_INVALID_ARGUMENT;
    }
    return STATUS_OK;
}

/* The path below the root; the whole name when the root is the file. */
static const char *
path_below(const struct folder_source *self, const FTSENT *entry)
{
    if (entry->fts_level == 0)
        return entry->fts_name;
    const char *path = entry->fts_path + strlen(self->root);
    while (*path == '/')
        path++;
    return path;
}

/* A tag holds 64 bytes; of a longer path the end tells more than the beginning. */
static struct text
file_tag(struct folder_source *self, const char *path)
{
    size_t room = IMPORT_TAG_MAX - 5;
    while (strlen(path) > room) {
        const char *deeper = strchr(path, '/');
        if (deeper == NULL)
            break;
        path = deeper + 1;
    }
    return text_of(arena_format(&self->arena, "file:%s", path));
}

static struct text
name_without_ending(struct folder_source *self, const FTSENT *entry)
{
    const char *ending = strrchr(entry->fts_name, '.');
    struct text name = text_from(entry->fts_name, (size_t)(ending - entry->fts_name));
    return text_of(arena_copy(&self->arena, name));
}

static void
begin_parts(struct folder_source *self, const FTSENT *entry, const char *path)
{
    struct text body = front_matter_read(buffer_text(&self->document), &self->arena, &self->head);
    if (self->head.title.length == 0)
        self->head.title = markdown_heading(body);
    if (self->head.title.length == 0)
        self->head.title = name_without_ending(self, entry);
    self->head.title = text_cut(self->head.title, IMPORT_TITLE_MAX);
    import_entry_add_tag(&self->head, file_tag(self, path));
    markdown_init(&self->parts, body, IMPORT_CONTENT_MAX);
    self->part_count = 0;
    self->has_file = true;
}

/* Opens the next file. */
static enum status
open_next(struct folder_source *self, struct import_entry *out, struct problem *problem)
{
    FTSENT *entry = next_file(self->walk);
    if (entry == NULL)
        return STATUS_NOT_FOUND;
    const char *path = path_below(self, entry);
    buffer_clear(&self->path);
    buffer_format(&self->path, "%s", path);
    arena_reset(&self->arena);
    self->head = (struct import_entry){.file = buffer_text(&self->path)};
    *out = self->head;
    if (entry->fts_info != FTS_F) {
        problem_set(problem, "cannot read it: %s", strerror(entry->fts_errno));
        return STATUS_INVALID_ARGUMENT;
    }
    self->base.done_bytes += (uint64_t)entry->fts_statp->st_size;
    enum status status = read_document(self, entry, problem);
    if (status == STATUS_OK)
        begin_parts(self, entry, path);
    return status;
}

/* Parts after the first are named by their heading, or by their number. */
static struct text
part_title(struct folder_source *self, struct text part)
{
    if (self->part_count == 1)
        return self->head.title;
    struct text heading = markdown_heading(part);
    if (heading.length > 0)
        return text_of(arena_format(&self->arena, "%.*s: %.*s", TEXT_FORMAT(self->head.title),
            TEXT_FORMAT(text_cut(heading, IMPORT_TITLE_MAX))));
    return text_of(arena_format(
        &self->arena, "%.*s (part %zu)", TEXT_FORMAT(self->head.title), self->part_count));
}

static enum status
folder_next(struct import_source *base, struct import_entry *entry, struct problem *problem)
{
    struct folder_source *self = (struct folder_source *)base;
    struct text part = {NULL, 0};
    while (!self->has_file || !markdown_next(&self->parts, &part)) {
        bool was_empty = self->has_file && self->part_count == 0;
        *entry = self->head;
        self->has_file = false;
        if (was_empty)
            return STATUS_FAILED_PRECONDITION;
        enum status status = open_next(self, entry, problem);
        if (status != STATUS_OK)
            return status;
    }
    self->part_count++;
    *entry = self->head;
    entry->content = part;
    entry->title = part_title(self, part);
    return import_record_check(entry, problem);
}

enum status
folder_source_create(const char *path, struct import_source **self_p, struct problem *problem)
{
    struct folder_source *self = memory_new(sizeof(*self));
    self->base = (struct import_source){.next = folder_next, .destroy = folder_destroy};
    CLEANUP(import_source_destroy) struct import_source *made = &self->base;
    self->root = text_copy(text_of(path));
    arena_init(&self->arena, ARENA_MAX);
    self->walk = open_walk(self);
    if (self->walk == NULL || access(path, R_OK) != 0) {
        problem_set(problem, "cannot read %.180s: %s", path, strerror(errno));
        return STATUS_UNAVAILABLE;
    }
    self->base.total_bytes = total_bytes(self);
    *self_p = TAKE(made);
    return STATUS_OK;
}
