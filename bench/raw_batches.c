/* raw_batches: what LevelDB alone can do with the keys and bytes of a save.
 *
 *   raw_batches FOLDER KEYS BYTES SAVES SECONDS
 *
 * Writes batches of SAVES saves, each of KEYS keys and BYTES bytes (keys and values together),
 * synced, with the settings of our store, for SECONDS. Prints {"saves_per_second":…}. Values are
 * random letters, as compressible as notes are.
 */
#include <stdio.h>
#include <stdlib.h>

#include <leveldb/c.h>

#include "common/base/clock.h"
#include "common/base/memory.h"
#include "common/base/uuid.h"

enum { KEY_BYTES = 24, POOL = 1 << 20, WRITE_BUFFER = 4 << 20, CACHE = 8 << 20, BLOOM_BITS = 10 };

static void
check(char *problem)
{
    if (problem) {
        fprintf(stderr, "raw_batches: %s\n", problem);
        exit(EXIT_FAILURE);
    }
}

static leveldb_t *
open_store(const char *folder)
{
    leveldb_options_t *options = leveldb_options_create();
    leveldb_options_set_create_if_missing(options, 1);
    leveldb_options_set_paranoid_checks(options, 1);
    leveldb_options_set_write_buffer_size(options, WRITE_BUFFER);
    leveldb_options_set_cache(options, leveldb_cache_create_lru(CACHE));
    leveldb_options_set_filter_policy(options, leveldb_filterpolicy_create_bloom(BLOOM_BITS));
    char *problem = NULL;
    leveldb_t *store = leveldb_open(options, folder, &problem);
    check(problem);
    return store;
}

/* Letters drawn once, so that the loop below spends its time in LevelDB. */
static char *
draw_letters(void)
{
    char *letters = memory_new(POOL);
    uuid_random(letters, POOL);
    for (size_t i = 0; i < POOL; i++)
        letters[i] = (char)('a' + (unsigned char)letters[i] % 16);
    return letters;
}

/* Keys in no order, from a xorshift generator (Marsaglia 2003). */
static void
next_key(uint64_t *state, char key[KEY_BYTES])
{
    for (int i = 0; i < KEY_BYTES; i += 8) {
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        memcpy(key + i, state, 8);
    }
}

int
main(int argc, char **argv)
{
    if (argc != 6) {
        fprintf(stderr, "usage: raw_batches FOLDER KEYS BYTES SAVES SECONDS\n");
        return EXIT_FAILURE;
    }
    size_t keys = strtoul(argv[2], NULL, 10);
    size_t bytes = strtoul(argv[3], NULL, 10);
    size_t saves = strtoul(argv[4], NULL, 10);
    int64_t end = clock_monotonic_us() + (int64_t)(strtod(argv[5], NULL) * 1e6);
    size_t value_size = keys && bytes / keys > KEY_BYTES ? bytes / keys - KEY_BYTES : 1;
    value_size = value_size < POOL / 2 ? value_size : POOL / 2;
    leveldb_t *store = open_store(argv[1]);
    leveldb_writeoptions_t *synced = leveldb_writeoptions_create();
    leveldb_writeoptions_set_sync(synced, 1);
    leveldb_writebatch_t *batch = leveldb_writebatch_create();
    char *letters = draw_letters();
    uint64_t state = 88172645463325252u;
    size_t at = 0;
    int64_t start = clock_monotonic_us();
    size_t written = 0;
    while (clock_monotonic_us() < end) {
        leveldb_writebatch_clear(batch);
        for (size_t i = 0; i < saves * keys; i++) {
            char key[KEY_BYTES];
            next_key(&state, key);
            at = at + 2 * value_size < POOL ? at + value_size : 0;
            leveldb_writebatch_put(batch, key, sizeof key, letters + at, value_size);
        }
        char *problem = NULL;
        leveldb_write(store, synced, batch, &problem);
        check(problem);
        written += saves;
    }
    double seconds = (double)(clock_monotonic_us() - start) / 1e6;
    printf("{\"saves_per_second\":%.1f}\n", (double)written / seconds);
    leveldb_writebatch_destroy(batch);
    leveldb_writeoptions_destroy(synced);
    leveldb_close(store);
    free(letters);
    return EXIT_SUCCESS;
}
