#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "backup-svc/archive_parts.h"
#include "common/base/buffer.h"
#include "common/base/memory.h"

enum { SCAN_MAX = 100000 };

static const char *const endings[] = {".partial", "", ".broken"};

char *
archive_path_of(const struct archive *self, struct backup_id id, enum backup_state state)
{
    char name[BACKUP_ID_SIZE];
    struct buffer path = {0};
    backup_id_format(id, name);
    buffer_format(&path, "%s/%s%s", self->folder, name, endings[state]);
    buffer_string(&path);
    return path.data;
}

char *
archive_path(const struct archive *self, struct backup_id id)
{
    return archive_path_of(self, id, BACKUP_COMPLETE);
}

static bool
found_of(const char *name, struct archive_found *found)
{
    struct text text = text_of(name);
    size_t id_length = BACKUP_ID_SIZE - 1;
    if (text.length < id_length || !backup_id_parse(text_from(name, id_length), &found->id))
        return false;
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (strcmp(name + id_length, endings[i]) == 0) {
            found->state = (enum backup_state)i;
            return true;
        }
    return false;
}

static int
newest_first(const void *a, const void *b)
{
    const struct archive_found *left = a, *right = b;
    return backup_id_compare(right->id, left->id);
}

struct archive_found *
archive_scan(const struct archive *self, size_t *count)
{
    struct archive_found *list = NULL, found;
    size_t capacity = 0;
    *count = 0;
    DIR *stream = opendir(self->folder);
    for (const struct dirent *entry; stream && (entry = readdir(stream)) != NULL;) {
        if (!found_of(entry->d_name, &found) || *count == SCAN_MAX)
            continue;
        if (*count == capacity) {
            capacity = capacity ? capacity * 2 : 64;
            list = memory_resize(list, capacity * sizeof *list);
        }
        list[(*count)++] = found;
    }
    if (stream)
        closedir(stream);
    if (*count)
        qsort(list, *count, sizeof *list, newest_first);
    return list;
}

static uint64_t
bytes_in(const char *path)
{
    uint64_t sum = 0;
    DIR *stream = opendir(path);
    for (const struct dirent *entry; stream && (entry = readdir(stream)) != NULL;) {
        struct stat info;
        if (fstatat(dirfd(stream), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) == 0 &&
            S_ISREG(info.st_mode))
            sum += (uint64_t)info.st_size;
    }
    if (stream)
        closedir(stream);
    return sum;
}

static void
read_complete(const char *path, struct backup_entry *entry)
{
    struct problem problem = {0};
    struct backup_id id = entry->manifest.id;
    enum status status = manifest_read(path, "manifest.json", &entry->manifest, &problem);
    if (status == STATUS_OK && backup_id_compare(entry->manifest.id, id) != 0) {
        problem_set(&problem, "manifest.json is another backup's");
        status = STATUS_DATA_LOSS;
    }
    if (status == STATUS_NOT_FOUND)
        problem_set(&problem, "manifest.json is missing: the backup is not complete");
    bool good = status == STATUS_OK;
    if (good && verification_read(path, &entry->verification, &problem) == STATUS_NOT_FOUND)
        problem = (struct problem){0}; /* never verified: no problem */
    if (good && entry->verification.at_ms && !entry->verification.good) {
        problem_set(&problem, "%s", entry->verification.problem);
        good = false;
    }
    entry->state = good ? BACKUP_COMPLETE : BACKUP_BROKEN;
    entry->manifest.id = id;
    snprintf(entry->problem, sizeof entry->problem, "%s", problem.text);
}

static void
read_entry(
    const struct archive *self, const struct archive_found *found, struct backup_entry *entry)
{
    CLEANUP(memory_free) char *path = archive_path_of(self, found->id, found->state);
    struct problem problem = {0};
    *entry = (struct backup_entry){.state = found->state, .bytes = bytes_in(path)};
    entry->manifest.id = found->id;
    entry->manifest.started_at_ms = (int64_t)found->id.seconds * 1000;
    if (found->state == BACKUP_COMPLETE)
        read_complete(path, entry);
    if (found->state != BACKUP_BROKEN)
        return;
    if (manifest_read(path, "broken.json", &entry->manifest, &problem) == STATUS_OK)
        problem_set(&problem, "%s", entry->manifest.problem);
    entry->manifest.id = found->id;
    snprintf(entry->problem, sizeof entry->problem, "%s", problem.text);
}

size_t
archive_list(const struct archive *self, struct backup_entry *entries, size_t max)
{
    size_t count = 0;
    CLEANUP(memory_free) struct archive_found *list = archive_scan(self, &count);
    if (count > max)
        count = max;
    for (size_t i = 0; i < count; i++)
        read_entry(self, &list[i], &entries[i]);
    return count;
}

enum status
archive_find(const struct archive *self, struct backup_id id, struct backup_entry *entry,
    struct problem *problem)
{
    size_t count = 0;
    CLEANUP(memory_free) struct archive_found *list = archive_scan(self, &count);
    for (size_t i = 0; i < count; i++)
        if (backup_id_compare(list[i].id, id) == 0) {
            read_entry(self, &list[i], entry);
            return STATUS_OK;
        }
    char name[BACKUP_ID_SIZE];
    backup_id_format(id, name);
    problem_set(problem, "there is no backup %s in %s", name, self->folder);
    return STATUS_NOT_FOUND;
}

enum status
archive_newest(const struct archive *self, struct backup_id *id, struct problem *problem)
{
    size_t count = 0;
    CLEANUP(memory_free) struct archive_found *list = archive_scan(self, &count);
    CLEANUP(memory_free) struct backup_entry *entry = memory_new(sizeof *entry);
    for (size_t i = 0; i < count; i++) {
        read_entry(self, &list[i], entry);
        if (entry->state != BACKUP_COMPLETE)
            continue;
        *id = list[i].id;
        return STATUS_OK;
    }
    problem_set(problem, "there is no complete backup in %s", self->folder);
    return STATUS_NOT_FOUND;
}
