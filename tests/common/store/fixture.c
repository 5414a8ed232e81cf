#include "fixture.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/buffer.h"
#include "common/base/memory.h"

char *
folder_path(const char *folder, const char *name)
{
    struct buffer path = {0};
    buffer_format(&path, "%s/%s", folder, name);
    buffer_string(&path);
    return path.data;
}

char *
folder_make(void)
{
    const char *base = getenv("TMPDIR");
    char *path = folder_path(base ? base : "/tmp", "forge-store-XXXXXX");
    assert_non_null(mkdtemp(path));
    return path;
}

static void
remove_tree(const char *path) // NOLINT(misc-no-recursion): folders nest
{
    DIR *stream = opendir(path);
    for (const struct dirent *entry; stream && (entry = readdir(stream)) != NULL;) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        CLEANUP(memory_free) char *inner = folder_path(path, entry->d_name);
        struct stat info;
        if (lstat(inner, &info) == 0 && S_ISDIR(info.st_mode))
            remove_tree(inner);
        else
            unlink(inner);
    }
    if (stream)
        closedir(stream);
    rmdir(path);
}

void
folder_remove(char **folder_p)
{
    if (*folder_p)
        remove_tree(*folder_p);
    free(*folder_p);
    *folder_p = NULL;
}

struct store *
store_of(enum store_engine engine, const char *path)
{
    struct store *store = NULL;
    struct problem problem = {0};
    struct store_options options = {.engine = engine, .path = path, .format = 1};
    if (store_open(&options, &store, &problem) != STATUS_OK)
        fail_msg("%s", problem.text);
    return store;
}

enum status
store_try(const char *path, bool require_existing, struct problem *problem)
{
    struct store *store = NULL;
    struct store_options options = {
        .path = path,
        .format = 1,
        .require_existing = require_existing,
    };
    *problem = (struct problem){0};
    enum status status = store_open(&options, &store, problem);
    store_close(&store);
    return status;
}

enum status
commit_one(struct store *store, const char *key, const char *value)
{
    struct store_batch *batch = store_batch_create(store);
    store_batch_put(batch, text_of(key), text_of(value));
    struct problem problem = {0};
    enum status status = store_commit(store, batch, 1, &problem);
    store_batch_destroy(&batch);
    return status;
}

char *
get_one(struct store *store, const char *key)
{
    struct store_snapshot *snapshot = store_snapshot_create(store);
    assert_non_null(snapshot);
    struct store_value value = {0};
    enum status status = store_get(snapshot, text_of(key), &value);
    assert_true(status == STATUS_OK || status == STATUS_NOT_FOUND);
    char *copy = status == STATUS_OK ? text_copy(value.bytes) : NULL;
    store_value_release(&value);
    store_snapshot_destroy(&snapshot);
    return copy;
}

void
commit_many(struct store *store, unsigned count, size_t value_bytes)
{
    CLEANUP(memory_free) char *value = memory_new(value_bytes + 1);
    struct store_batch *batch = store_batch_create(store);
    for (unsigned i = 0; i < count; i++) {
        char key[16];
        snprintf(key, sizeof key, "key%05u", i);
        for (size_t at = 0; at < value_bytes; at++) /* hard to compress */
            value[at] = (char)('!' + (((size_t)i * 31 + at) * 2654435761u >> 13) % 90);
        store_batch_put(batch, text_of(key), text_from(value, value_bytes));
        if (i % 100 == 99 || i + 1 == count) {
            struct problem problem = {0};
            assert_int_equal(store_commit(store, batch, 1, &problem), STATUS_OK);
            store_batch_clear(batch);
        }
    }
    store_batch_destroy(&batch);
}

unsigned
count_rows(struct store *store)
{
    struct store_snapshot *snapshot = store_snapshot_create(store);
    assert_non_null(snapshot);
    struct store_scan *scan = store_scan_create(snapshot, TEXT(""), TEXT(""), false);
    unsigned count = 0;
    struct text key, value;
    while (store_scan_next(scan, &key, &value))
        count++;
    assert_int_equal(store_scan_status(scan), STATUS_OK);
    store_scan_destroy(&scan);
    store_snapshot_destroy(&snapshot);
    return count;
}
