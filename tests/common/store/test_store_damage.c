/* Damaged files and broken-off work: told, refused or undone, and never served. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/memory.h"

#include "fixture.h"

static int
set_up(void **state)
{
    *state = folder_make();
    return 0;
}

static int
tear_down(void **state)
{
    char *folder = *state;
    folder_remove(&folder);
    return 0;
}

static void
write_file(const char *folder, const char *name, const char *words)
{
    CLEANUP(memory_free) char *path = folder_path(folder, name);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    fputs(words, file);
    fclose(file);
}

static void
assert_refused(const char *folder, enum status expected, const char *words)
{
    struct problem problem;
    assert_int_equal(store_try(folder, false, &problem), expected);
    if (!strstr(problem.text, words))
        fail_msg("\"%s\" does not say \"%s\"", problem.text, words);
}

static unsigned
count_files(const char *folder, const char *ending)
{
    CLEANUP(memory_free) char *path = folder_path(folder, "db");
    DIR *stream = opendir(path);
    assert_non_null(stream);
    unsigned count = 0;
    for (const struct dirent *entry; (entry = readdir(stream)) != NULL;) {
        size_t length = strlen(entry->d_name), wanted = strlen(ending);
        count += length >= wanted && strcmp(entry->d_name + length - wanted, ending) == 0;
    }
    closedir(stream);
    return count;
}

static void
a_newer_layout_and_a_damaged_marker_are_refused(void **state)
{
    struct store *store = store_of(STORE_LEVELDB, *state);
    store_close(&store);

    write_file(*state, "FORMAT", "context-forge store, layout 2\n");
    assert_refused(*state, STATUS_FAILED_PRECONDITION, "newer version");
    static const char *const odd[] = {"", "\n", "context-forge store, layout 1",
        "context-forge store, layout \n", "context-forge store, layout x\n", "something else\n"};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        write_file(*state, "FORMAT", odd[i]);
        assert_refused(*state, STATUS_DATA_LOSS, "FORMAT is damaged");
    }
    write_file(*state, "FORMAT", "context-forge store, layout 1\n");
    store = store_of(STORE_LEVELDB, *state);
    store_close(&store);
}

static void
a_store_without_current_is_refused_and_not_touched(void **state)
{
    const char *folder = *state;
    struct store *store = store_of(STORE_LEVELDB, folder);
    commit_many(store, 1000, 100);
    store_close(&store);
    store = store_of(STORE_LEVELDB, folder); /* the log becomes a table */
    store_close(&store);
    CLEANUP(memory_free) char *current = folder_path(folder, "db/CURRENT");
    CLEANUP(memory_free) char *aside = folder_path(folder, "aside");
    assert_int_equal(rename(current, aside), 0);
    unsigned tables = count_files(folder, ".ldb");
    assert_true(tables > 0);

    assert_refused(folder, STATUS_DATA_LOSS, "CURRENT is missing");

    assert_int_equal(count_files(folder, ".ldb"), tables);
    assert_int_equal(rename(aside, current), 0);
    store = store_of(STORE_LEVELDB, folder);
    assert_int_equal(count_rows(store), 1000);
    store_close(&store);
}

/* The largest of the engine's files with this ending; free with free(). */
static char *
largest_file(const char *folder, const char *ending)
{
    CLEANUP(memory_free) char *path = folder_path(folder, "db");
    DIR *stream = opendir(path);
    assert_non_null(stream);
    char *largest = NULL;
    off_t size = -1;
    for (const struct dirent *entry; (entry = readdir(stream)) != NULL;) {
        size_t length = strlen(entry->d_name), wanted = strlen(ending);
        struct stat info;
        if (length < wanted || strcmp(entry->d_name + length - wanted, ending) != 0 ||
            fstatat(dirfd(stream), entry->d_name, &info, 0) || info.st_size <= size)
            continue;
        size = info.st_size;
        free(largest);
        largest = folder_path(path, entry->d_name);
    }
    closedir(stream);
    assert_non_null(largest);
    return largest;
}

/* Flips a bit in the middle. */
static void
damage(const char *folder, const char *ending)
{
    CLEANUP(memory_free) char *path = largest_file(folder, ending);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    struct stat info;
    assert_int_equal(fstat(fd, &info), 0);
    char byte = 0;
    assert_int_equal(pread(fd, &byte, 1, info.st_size / 2), 1);
    byte ^= 0x10;
    assert_int_equal(pwrite(fd, &byte, 1, info.st_size / 2), 1);
    close(fd);
}

static void
a_damaged_table_is_data_loss_on_read(void **state)
{
    struct store *store = store_of(STORE_LEVELDB, *state);
    commit_many(store, 1000, 100);
    store_close(&store);
    store = store_of(STORE_LEVELDB, *state);
    store_close(&store);
    damage(*state, ".ldb");

    store = store_of(STORE_LEVELDB, *state);
    struct store_snapshot *snapshot = store_snapshot_create(store);
    unsigned good = 0, damaged = 0;
    for (unsigned i = 0; i < 1000; i++) {
        char key[16];
        snprintf(key, sizeof key, "key%05u", i);
        struct store_value value = {0};
        enum status status = store_get(snapshot, text_of(key), &value);
        assert_true(status == STATUS_OK || status == STATUS_DATA_LOSS);
        good += status == STATUS_OK;
        damaged += status == STATUS_DATA_LOSS;
        store_value_release(&value);
    }
    assert_true(good > 900);
    assert_in_range(damaged, 1, 100);

    struct store_scan *scan = store_scan_create(snapshot, TEXT(""), TEXT(""), false);
    struct text key, value;
    while (store_scan_next(scan, &key, &value))
        assert_true(key.length == 8);
    assert_int_equal(store_scan_status(scan), STATUS_DATA_LOSS);
    store_scan_destroy(&scan);
    store_snapshot_destroy(&snapshot);
    store_close(&store);
}

static void
a_damaged_log_is_refused(void **state)
{
    struct store *store = store_of(STORE_LEVELDB, *state);
    commit_many(store, 1000, 100);
    store_close(&store);
    damage(*state, ".log");

    assert_refused(*state, STATUS_DATA_LOSS, "Corruption");
}

static void
a_process_that_dies_in_an_import_leaves_an_empty_store(void **state)
{
    const char *folder = *state;
    pid_t child = fork();
    if (child == 0) {
        struct problem problem;
        struct store *store = store_of(STORE_LEVELDB, folder);
        static char large[1 << 20];
        bool good = store_import_begin(store, false, &problem) == STATUS_OK;
        for (char key[2] = "a"; key[0] < 'f'; key[0]++)
            good = good && store_import_add(store, text_of(key), text_from(large, sizeof large),
                               &problem) == STATUS_OK;
        _exit(good ? 0 : 1);
    }
    int ended = 1;
    waitpid(child, &ended, 0);
    assert_int_equal(ended, 0);

    struct store *store = store_of(STORE_LEVELDB, folder);

    assert_int_equal(store_state(store), STORE_WRITABLE);
    assert_int_equal(count_rows(store), 0);
    assert_int_equal(store_sequence(store), 0);
    store_close(&store);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_newer_layout_and_a_damaged_marker_are_refused),
        TEST(a_store_without_current_is_refused_and_not_touched),
        TEST(a_damaged_table_is_data_loss_on_read),
        TEST(a_damaged_log_is_refused),
        TEST(a_process_that_dies_in_an_import_leaves_an_empty_store),
    };
    return cmocka_run_group_tests_name("store damage", tests, NULL, NULL);
}
