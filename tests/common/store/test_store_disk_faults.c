/* Disks that fail: full by a small tmpfs, broken by strace.
 *
 * For strace this program runs itself as `test_store_disk_faults writer FOLDER PROGRESS`: the
 * writer commits numbered keys, recovers when a commit fails, and notes in a shared page what was
 * acknowledged; then the test opens the store and looks for every acknowledged key.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/memory.h"

#include "fixture.h"

enum { WRITES = 400 };

struct progress {
    bool acknowledged[WRITES];
    unsigned failures;
    unsigned recoveries;
};

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
    umount2(folder, MNT_DETACH); /* where a test mounted something */
    folder_remove(&folder);
    return 0;
}

static enum status
commit_numbered(struct store *store, unsigned number, size_t value_bytes)
{
    CLEANUP(memory_free) char *value = memory_new(value_bytes + 1);
    unsigned seed = number * 2654435761u + 1;
    for (size_t i = 0; i < value_bytes; i++) {
        seed = seed * 1664525u + 1013904223u;
        value[i] = (char)('!' + (seed >> 16) % 90);
    }
    char key[16];
    snprintf(key, sizeof key, "n%06u", number);
    return commit_one(store, key, value);
}

static void
assert_acknowledged(struct store *store, const bool acknowledged[WRITES])
{
    for (unsigned i = 0; i < WRITES; i++) {
        char key[16];
        snprintf(key, sizeof key, "n%06u", i);
        CLEANUP(memory_free) char *value = get_one(store, key);
        if (acknowledged[i] && !value)
            fail_msg("%s was acknowledged and is gone", key);
    }
}

static void
fill_disk(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    static const char zeros[4096];
    while (write(fd, zeros, sizeof zeros) > 0)
        continue;
    close(fd);
}

/* Commits until one fails; the number that was acknowledged. */
static unsigned
commit_until_failure(struct store *store, unsigned from, bool acknowledged[WRITES])
{
    for (unsigned i = from; i < WRITES; i++) {
        if (commit_numbered(store, i, 3000) != STATUS_OK)
            return i;
        acknowledged[i] = true;
    }
    fail_msg("the disk did not fill");
    return WRITES;
}

static void
check_full_disk(const char *folder)
{
    CLEANUP(memory_free) char *path = folder_path(folder, "store");
    CLEANUP(memory_free) char *filler = folder_path(folder, "filler");
    bool acknowledged[WRITES] = {false};
    struct store *store = NULL;
    struct problem problem = {0};
    struct store_options options = {.path = path, .format = 1, .min_free_bytes = 1};
    assert_int_equal(store_open(&options, &store, &problem), STATUS_OK);
    unsigned next = 0;
    for (; next < 50; next++) {
        assert_int_equal(commit_numbered(store, next, 3000), STATUS_OK);
        acknowledged[next] = true;
    }
    fill_disk(filler);

    unsigned failed = commit_until_failure(store, next, acknowledged);
    assert_int_not_equal(store_state(store), STORE_WRITABLE);
    assert_int_not_equal(commit_numbered(store, failed + 1, 10), STATUS_OK);
    assert_acknowledged(store, acknowledged);
    /* Still full: it is not closed, since it could not be opened again, and so it can be read. */
    uint64_t epoch = store_epoch(store);
    assert_int_equal(commit_numbered(store, failed + 1, 10), STATUS_RESOURCE_EXHAUSTED);
    assert_int_equal(store_recover(store, &problem), STATUS_RESOURCE_EXHAUSTED);
    assert_int_equal(store_epoch(store), epoch);
    assert_int_equal(store_state(store), STORE_READ_ONLY);
    assert_acknowledged(store, acknowledged);

    assert_int_equal(unlink(filler), 0);
    assert_int_equal(store_recover(store, &problem), STATUS_OK);
    assert_int_equal(store_state(store), STORE_WRITABLE);
    for (next = failed + 1; next < failed + 50; next++) {
        assert_int_equal(commit_numbered(store, next, 3000), STATUS_OK);
        acknowledged[next] = true;
    }
    store_close(&store);

    assert_int_equal(store_open(&options, &store, &problem), STATUS_OK);
    assert_acknowledged(store, acknowledged);
    store_close(&store);
}

static void
a_full_disk_loses_nothing(void **state)
{
    if (mount("none", *state, "tmpfs", 0, "size=32m")) {
        print_message("skipped: a tmpfs cannot be mounted here (needs root)\n");
        skip();
    }

    check_full_disk(*state);
}

static void
a_store_opens_on_a_full_disk_and_can_be_read(void **state)
{
    if (mount("none", *state, "tmpfs", 0, "size=32m")) {
        print_message("skipped: a tmpfs cannot be mounted here (needs root)\n");
        skip();
    }
    CLEANUP(memory_free) char *path = folder_path(*state, "store");
    CLEANUP(memory_free) char *filler = folder_path(*state, "filler");
    CLEANUP(memory_free) char *ballast = folder_path(*state, "store/ballast");
    struct store *store = NULL;
    struct problem problem = {0};
    struct store_options options = {.path = path, .format = 1, .min_free_bytes = 12 << 20};
    assert_int_equal(store_open(&options, &store, &problem), STATUS_OK);
    assert_int_equal(commit_one(store, "a", "1"), STATUS_OK);
    store_close(&store);
    assert_int_equal(access(ballast, F_OK), 0);
    fill_disk(filler);

    assert_int_equal(store_open(&options, &store, &problem), STATUS_OK);
    assert_int_equal(access(ballast, F_OK), -1);
    assert_int_equal(store_state(store), STORE_READ_ONLY);
    assert_int_equal(count_rows(store), 1);
    assert_int_equal(commit_one(store, "b", "1"), STATUS_RESOURCE_EXHAUSTED);

    assert_int_equal(unlink(filler), 0);
    usleep(300 * 1000); /* the disk is looked at four times a second */
    assert_int_equal(commit_one(store, "b", "1"), STATUS_OK);
    assert_int_equal(store_state(store), STORE_WRITABLE);
    assert_int_equal(access(ballast, F_OK), 0);
    store_close(&store);
}

/* In the traced process. Exit code 0: the store is open again at the end. */
static int
run_writer(const char *folder, const char *progress_path)
{
    int fd = open(progress_path, O_RDWR | O_CLOEXEC);
    struct progress *progress =
        mmap(NULL, sizeof *progress, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (progress == MAP_FAILED)
        return 3;
    struct store *store = NULL;
    struct problem problem = {0};
    struct store_options options = {.path = folder, .format = 1};
    if (store_open(&options, &store, &problem) != STATUS_OK)
        return 4;
    for (unsigned i = 0; i < WRITES; i++) {
        progress->acknowledged[i] = commit_numbered(store, i, 300) == STATUS_OK;
        if (progress->acknowledged[i])
            continue;
        progress->failures++;
        if (store_recover(store, &problem) == STATUS_OK)
            progress->recoveries++;
    }
    store_close(&store);
    return 0;
}

static pid_t
start_traced(const char *inject, const char *folder, const char *progress_path)
{
    pid_t child = fork();
    if (child == 0) {
        char program[4096] = "";
        if (readlink("/proc/self/exe", program, sizeof program - 1) < 0)
            _exit(126);
        /* LeakSanitizer cannot work under a tracer. */
        setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
        execlp("strace", "strace", "-f", "-o", "/dev/null", "-e", "trace=write,fdatasync", "-e",
            inject, program, "writer", folder, progress_path, (char *)NULL);
        _exit(127);
    }
    return child;
}

static void
check_injected(const char *folder, const char *inject)
{
    CLEANUP(memory_free) char *path = folder_path(folder, "store");
    CLEANUP(memory_free) char *progress_path = folder_path(folder, "progress");
    int fd = open(progress_path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_int_equal(ftruncate(fd, sizeof(struct progress)), 0);
    struct progress *progress =
        mmap(NULL, sizeof *progress, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    assert_true(progress != MAP_FAILED);
    close(fd);
    struct store *store = store_of(STORE_LEVELDB, path); /* made without faults */
    store_close(&store);

    int ended = 0;
    pid_t child = start_traced(inject, path, progress_path);
    assert_int_equal(waitpid(child, &ended, 0), child);
    if (WIFEXITED(ended) && WEXITSTATUS(ended) == 127) {
        print_message("skipped: strace is not installed\n");
        skip();
    }
    assert_true(WIFEXITED(ended));
    assert_int_equal(WEXITSTATUS(ended), 0);

    assert_true(progress->failures > 0);
    assert_true(progress->recoveries > 0);
    assert_true(progress->acknowledged[WRITES - 1]);
    store = store_of(STORE_LEVELDB, path);
    assert_acknowledged(store, progress->acknowledged);
    store_close(&store);
    munmap(progress, sizeof *progress);
    folder_remove(&path);
    path = NULL;
}

static void
no_acknowledged_write_is_lost_by_a_failed_append(void **state)
{
    static const char *const injections[] = {
        "inject=write:error=EIO:when=60",
        "inject=write:error=ENOSPC:when=60",
        "inject=write:error=EIO:when=60..62",
        "inject=write:error=ENOSPC:when=50+90",
    };
    for (size_t i = 0; i < sizeof injections / sizeof *injections; i++)
        check_injected(*state, injections[i]);
}

static void
no_acknowledged_write_is_lost_by_a_failed_sync(void **state)
{
    static const char *const injections[] = {
        "inject=fdatasync:error=EIO:when=50",
        "inject=fdatasync:error=EIO:when=50..53",
        "inject=fdatasync:error=EIO:when=40+70",
    };
    for (size_t i = 0; i < sizeof injections / sizeof *injections; i++)
        check_injected(*state, injections[i]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "writer") == 0)
        return run_writer(argv[2], argv[3]);
    const struct CMUnitTest tests[] = {
        TEST(a_full_disk_loses_nothing),
        TEST(a_store_opens_on_a_full_disk_and_can_be_read),
        TEST(no_acknowledged_write_is_lost_by_a_failed_append),
        TEST(no_acknowledged_write_is_lost_by_a_failed_sync),
    };
    return cmocka_run_group_tests_name("store on failing disks", tests, NULL, NULL);
}
