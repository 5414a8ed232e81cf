/* What a store of files must do: keep what it has, refuse what is not its own. */
#include <fcntl.h>
#include <stdio.h>
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

static bool
has_file(const char *folder, const char *name)
{
    CLEANUP(memory_free) char *path = folder_path(folder, name);
    return access(path, F_OK) == 0;
}

static void
assert_refused(const char *folder, enum status expected, const char *words)
{
    struct problem problem;
    assert_int_equal(store_try(folder, false, &problem), expected);
    if (!strstr(problem.text, words))
        fail_msg("\"%s\" does not say \"%s\"", problem.text, words);
}

static void
a_reopened_store_has_everything(void **state)
{
    const char *folder = *state;
    uint8_t id[2][STORE_ID_SIZE];
    struct store *store = store_of(STORE_LEVELDB, folder);
    commit_many(store, 1000, 100);
    uint64_t sequence = store_sequence(store), epoch = store_epoch(store);
    store_id(store, id[0]);
    store_close(&store);

    store = store_of(STORE_LEVELDB, folder);

    store_id(store, id[1]);
    assert_memory_equal(id[0], id[1], STORE_ID_SIZE);
    assert_int_equal(store_sequence(store), sequence);
    assert_int_equal(store_epoch(store), epoch + 1);
    assert_int_equal(count_rows(store), 1000);
    assert_true(store_size_bytes(store) > 1000);
    store_close(&store);
}

static void
missing_folders_are_made_private(void **state)
{
    CLEANUP(memory_free) char *deep = folder_path(*state, "a/b/store");
    struct store *store = store_of(STORE_LEVELDB, deep);
    struct stat info;

    assert_int_equal(stat(deep, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0700);
    assert_true(has_file(deep, "FORMAT"));
    assert_true(has_file(deep, "ballast"));
    store_close(&store);
}

static void
a_required_store_is_not_made(void **state)
{
    const char *folder = *state;
    CLEANUP(memory_free) char *absent = folder_path(folder, "absent");
    struct problem problem;

    assert_int_equal(store_try(absent, true, &problem), STATUS_FAILED_PRECONDITION);
    assert_int_equal(access(absent, F_OK), -1);
    assert_int_equal(store_try(folder, true, &problem), STATUS_FAILED_PRECONDITION);
    assert_false(has_file(folder, "FORMAT"));
    assert_int_equal(store_try(folder, false, &problem), STATUS_OK);
    assert_int_equal(store_try(folder, true, &problem), STATUS_OK);
}

/* In a child: opens the store, and tells by exit code how that went. */
static int
status_of_another_process(const char *folder)
{
    pid_t child = fork();
    if (child == 0) {
        struct problem problem;
        enum status status = store_try(folder, false, &problem);
        _exit(strstr(problem.text, "in use by another process") ? 100 + (int)status : (int)status);
    }
    int ended = 0;
    assert_int_equal(waitpid(child, &ended, 0), child);
    assert_true(WIFEXITED(ended));
    return WEXITSTATUS(ended);
}

static void
one_process_uses_a_store(void **state)
{
    const char *folder = *state;
    CLEANUP(memory_free) char *made = folder_path(folder, "store");
    int to_child[2], from_child[2];
    assert_int_equal(pipe(to_child) | pipe(from_child), 0);
    pid_t holder = fork();
    if (holder == 0) {
        char byte = 0;
        close(to_child[1]);
        struct store *store = store_of(STORE_LEVELDB, made);
        if (write(from_child[1], "o", 1) == 1 && read(to_child[0], &byte, 1) >= 0)
            store_close(&store);
        _exit(0);
    }
    close(to_child[0]);
    char byte = 0;
    assert_int_equal(read(from_child[0], &byte, 1), 1);

    assert_int_equal(status_of_another_process(made), 100 + STATUS_FAILED_PRECONDITION);
    assert_refused(made, STATUS_FAILED_PRECONDITION, "in use by another process");

    close(to_child[1]);
    int ended = 0;
    waitpid(holder, &ended, 0);
    assert_int_equal(status_of_another_process(made), STATUS_OK);
    close(from_child[0]);
    close(from_child[1]);
}

static void
one_process_cannot_open_it_twice(void **state)
{
    struct store *store = store_of(STORE_LEVELDB, *state);

    assert_refused(*state, STATUS_FAILED_PRECONDITION, "in use");
    assert_int_equal(commit_one(store, "a", "1"), STATUS_OK);
    store_close(&store);
}

static void
a_folder_of_something_else_is_left_alone(void **state)
{
    write_file(*state, "thesis.tex", "words");

    assert_refused(*state, STATUS_FAILED_PRECONDITION, "thesis.tex");

    assert_false(has_file(*state, "FORMAT"));
    assert_false(has_file(*state, "db.new"));
}

static void
a_newer_format_is_refused(void **state)
{
    struct store *store = NULL;
    struct problem problem = {0};
    struct store_options newer = {.path = *state, .format = 2};
    assert_int_equal(store_open(&newer, &store, &problem), STATUS_OK);
    store_close(&store);

    assert_refused(*state, STATUS_FAILED_PRECONDITION, "data format 2");
    newer.format = 3;
    assert_int_equal(store_open(&newer, &store, &problem), STATUS_OK);
    assert_int_equal(store_format(store), 2);
    store_close(&store);
}

static void
a_start_that_broke_off_is_begun_again(void **state)
{
    const char *folder = *state;
    CLEANUP(memory_free) char *fresh = folder_path(folder, "db.new");
    assert_int_equal(mkdir(fresh, 0700), 0);
    write_file(fresh, "000003.log", "half a record");
    write_file(folder, "FORMAT.new", "context");

    struct store *store = store_of(STORE_LEVELDB, folder);
    assert_int_equal(commit_one(store, "a", "1"), STATUS_OK);
    store_close(&store);

    /* Between FORMAT and the database's name. */
    CLEANUP(memory_free) char *named = folder_path(folder, "db");
    assert_int_equal(rename(named, fresh), 0);
    store = store_of(STORE_LEVELDB, folder);
    assert_int_equal(count_rows(store), 1);
    store_close(&store);
}

static void
trimmed_memory_can_be_read_again(void **state)
{
    struct store *store = store_of(STORE_LEVELDB, *state);
    commit_many(store, 20000, 500);
    assert_int_equal(count_rows(store), 20000);

    store_trim_memory(store);

    assert_int_equal(count_rows(store), 20000);
    store_close(&store);
}

static void
the_watermark_refuses_before_anything_is_written(void **state)
{
    struct store *store = NULL;
    struct problem problem = {0};
    struct store_options options = {
        .path = *state, .format = 1, .min_free_bytes = UINT64_C(1) << 60};
    assert_int_equal(store_open(&options, &store, &problem), STATUS_OK);

    assert_int_equal(store_state(store), STORE_READ_ONLY);
    store_reason(store, &problem);
    assert_non_null(strstr(problem.text, "MiB free"));
    assert_int_equal(commit_one(store, "a", "1"), STATUS_RESOURCE_EXHAUSTED);
    assert_int_equal(store_recover(store, &problem), STATUS_RESOURCE_EXHAUSTED);
    assert_int_equal(count_rows(store), 0);
    assert_int_equal(store_sequence(store), 0);
    store_close(&store);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_reopened_store_has_everything),
        TEST(missing_folders_are_made_private),
        TEST(a_required_store_is_not_made),
        TEST(one_process_uses_a_store),
        TEST(one_process_cannot_open_it_twice),
        TEST(a_folder_of_something_else_is_left_alone),
        TEST(a_newer_format_is_refused),
        TEST(a_start_that_broke_off_is_begun_again),
        TEST(trimmed_memory_can_be_read_again),
        TEST(the_watermark_refuses_before_anything_is_written),
    };
    return cmocka_run_group_tests_name("store on disk", tests, NULL, NULL);
}
