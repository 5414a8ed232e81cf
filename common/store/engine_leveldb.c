/* LevelDB behind the engine interface: the one file that knows it.
 *
 * paranoid_checks and verify_checksums are always on: without them LevelDB drops damaged log
 * records in silence and serves flipped bytes as data. create_if_missing is on for a new database
 * only: where CURRENT is missing it makes an empty database and deletes the tables.
 */
#include <stdlib.h>

#include <leveldb/c.h>

#include "common/base/memory.h"
#include "common/store/engine.h"

enum { BLOOM_BITS = 10, OPEN_FILES_MAX = 1000 };

struct engine {
    char *path;
    leveldb_t *database; /* NULL after a failed reopen */
    leveldb_options_t *options;
    leveldb_cache_t *cache;
    leveldb_filterpolicy_t *bloom;
    leveldb_writeoptions_t *synced;
};

struct engine_snapshot {
    const leveldb_snapshot_t *snapshot;
    leveldb_readoptions_t *reading;
    leveldb_readoptions_t *bulk_reading;
};

/* Takes LevelDB's words apart; the C interface hands out nothing but text. */
static enum status
status_of(char *words, struct problem *problem)
{
    struct text text = text_of(words);
    problem_set(problem, "%s", words);
    enum status status = STATUS_UNAVAILABLE;
    /* An invalid argument is a folder without CURRENT, or with another comparator's database. */
    if (text_starts_with(text, TEXT("Corruption")) ||
        text_starts_with(text, TEXT("Invalid argument")))
        status = STATUS_DATA_LOSS;
    else if (text_starts_with(text, TEXT("IO error: lock ")))
        status = STATUS_FAILED_PRECONDITION;
    leveldb_free(words);
    return status;
}

static enum status
database_open(struct engine *self, struct problem *problem)
{
    char *words = NULL;
    self->database = leveldb_open(self->options, self->path, &words);
    return words ? status_of(words, problem) : STATUS_OK;
}

static void
engine_close(struct engine **self_p)
{
    struct engine *self = TAKE(*self_p);
    if (!self)
        return;
    if (self->database)
        leveldb_close(self->database);
    leveldb_writeoptions_destroy(self->synced);
    leveldb_options_destroy(self->options);
    leveldb_filterpolicy_destroy(self->bloom);
    leveldb_cache_destroy(self->cache);
    free(self->path);
    free(self);
}

static enum status
engine_open(const struct engine_options *options, bool create, struct engine **self_p,
    struct problem *problem)
{
    CLEANUP(engine_close) struct engine *self = memory_new(sizeof *self);
    self->path = text_copy(text_of(options->path));
    self->cache = leveldb_cache_create_lru(options->cache_bytes);
    self->bloom = leveldb_filterpolicy_create_bloom(BLOOM_BITS);
    self->synced = leveldb_writeoptions_create();
    leveldb_writeoptions_set_sync(self->synced, 1);
    self->options = leveldb_options_create();
    leveldb_options_set_paranoid_checks(self->options, 1);
    leveldb_options_set_cache(self->options, self->cache);
    leveldb_options_set_filter_policy(self->options, self->bloom);
    leveldb_options_set_write_buffer_size(self->options, options->write_buffer_bytes);
    leveldb_options_set_max_open_files(self->options, OPEN_FILES_MAX);
    leveldb_options_set_create_if_missing(self->options, create);
    leveldb_options_set_error_if_exists(self->options, create);
    enum status status = database_open(self, problem);
    leveldb_options_set_create_if_missing(self->options, 0);
    leveldb_options_set_error_if_exists(self->options, 0);
    if (status == STATUS_OK)
        *self_p = TAKE(self);
    return status;
}

static enum status
engine_reopen(struct engine *self, struct problem *problem)
{
    if (self->database)
        leveldb_close(TAKE(self->database));
    return database_open(self, problem);
}

static struct engine_batch *
batch_create(void)
{
    return (struct engine_batch *)leveldb_writebatch_create();
}

static void
batch_destroy(struct engine_batch **self_p)
{
    struct engine_batch *self = TAKE(*self_p);
    if (self)
        leveldb_writebatch_destroy((leveldb_writebatch_t *)self);
}

static void
batch_put(struct engine_batch *self, struct text key, struct text value)
{
    leveldb_writebatch_put(
        (leveldb_writebatch_t *)self, key.data, key.length, value.data, value.length);
}

static void
batch_delete(struct engine_batch *self, struct text key)
{
    leveldb_writebatch_delete((leveldb_writebatch_t *)self, key.data, key.length);
}

static void
batch_clear(struct engine_batch *self)
{
    leveldb_writebatch_clear((leveldb_writebatch_t *)self);
}

static enum status
engine_write(struct engine *self, struct engine_batch *batch, struct problem *problem)
{
    char *words = NULL;
    leveldb_write(self->database, self->synced, (leveldb_writebatch_t *)batch, &words);
    return words ? status_of(words, problem) : STATUS_OK;
}

static leveldb_readoptions_t *
reading_create(const leveldb_snapshot_t *snapshot, bool fill_cache)
{
    leveldb_readoptions_t *reading = leveldb_readoptions_create();
    leveldb_readoptions_set_verify_checksums(reading, 1);
    leveldb_readoptions_set_fill_cache(reading, fill_cache);
    leveldb_readoptions_set_snapshot(reading, snapshot);
    return reading;
}

static struct engine_snapshot *
snapshot_create(struct engine *self)
{
    struct engine_snapshot *snapshot = memory_new(sizeof *snapshot);
    snapshot->snapshot = leveldb_create_snapshot(self->database);
    snapshot->reading = reading_create(snapshot->snapshot, true);
    snapshot->bulk_reading = reading_create(snapshot->snapshot, false);
    return snapshot;
}

static void
snapshot_destroy(struct engine *self, struct engine_snapshot **snapshot_p)
{
    struct engine_snapshot *snapshot = TAKE(*snapshot_p);
    if (!snapshot)
        return;
    leveldb_readoptions_destroy(snapshot->bulk_reading);
    leveldb_readoptions_destroy(snapshot->reading);
    leveldb_release_snapshot(self->database, snapshot->snapshot);
    free(snapshot);
}

static enum status
engine_get(struct engine *self, const struct engine_snapshot *snapshot, struct text key,
    struct text *value, void **owned)
{
    char *words = NULL;
    size_t length = 0;
    char *bytes =
        leveldb_get(self->database, snapshot->reading, key.data, key.length, &length, &words);
    if (words)
        return status_of(words, NULL);
    if (!bytes)
        return STATUS_NOT_FOUND;
    *value = text_from(bytes, length);
    *owned = bytes; /* leveldb_free is free, says its header */
    return STATUS_OK;
}

static struct engine_cursor *
cursor_create(struct engine *self, const struct engine_snapshot *snapshot, bool bulk)
{
    return (struct engine_cursor *)leveldb_create_iterator(
        self->database, bulk ? snapshot->bulk_reading : snapshot->reading);
}

static void
cursor_destroy(struct engine_cursor **self_p)
{
    struct engine_cursor *self = TAKE(*self_p);
    if (self)
        leveldb_iter_destroy((leveldb_iterator_t *)self);
}

static void
cursor_seek(struct engine_cursor *self, struct text key)
{
    leveldb_iter_seek((leveldb_iterator_t *)self, key.data, key.length);
}

static void
cursor_last(struct engine_cursor *self)
{
    leveldb_iter_seek_to_last((leveldb_iterator_t *)self);
}

static void
cursor_move(struct engine_cursor *self, bool backward)
{
    leveldb_iterator_t *iterator = (leveldb_iterator_t *)self;
    if (!leveldb_iter_valid(iterator))
        return;
    if (backward)
        leveldb_iter_prev(iterator);
    else
        leveldb_iter_next(iterator);
}

static bool
cursor_row(const struct engine_cursor *self, struct text *key, struct text *value)
{
    const leveldb_iterator_t *iterator = (const leveldb_iterator_t *)self;
    if (!leveldb_iter_valid(iterator))
        return false;
    key->data = leveldb_iter_key(iterator, &key->length);
    value->data = leveldb_iter_value(iterator, &value->length);
    return true;
}

static enum status
cursor_status(const struct engine_cursor *self)
{
    char *words = NULL;
    leveldb_iter_get_error((const leveldb_iterator_t *)self, &words);
    return words ? status_of(words, NULL) : STATUS_OK;
}

const struct engine_kind engine_leveldb = {
    .on_disk = true,
    .open = engine_open,
    .reopen = engine_reopen,
    .close = engine_close,
    .batch_create = batch_create,
    .batch_destroy = batch_destroy,
    .batch_put = batch_put,
    .batch_delete = batch_delete,
    .batch_clear = batch_clear,
    .write = engine_write,
    .snapshot_create = snapshot_create,
    .snapshot_destroy = snapshot_destroy,
    .get = engine_get,
    .cursor_create = cursor_create,
    .cursor_destroy = cursor_destroy,
    .cursor_seek = cursor_seek,
    .cursor_last = cursor_last,
    .cursor_move = cursor_move,
    .cursor_row = cursor_row,
    .cursor_status = cursor_status,
};
