#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backup-svc/archive.h"
#include "common/base/memory.h"
#include "tests/common/store/fixture.h"

struct setting {
    char *folder;
    struct archive *archive;
    struct backup_entry entries[64];
    struct problem problem;
};

static void
open_archive(struct setting *self, unsigned expected_broken_off)
{
    unsigned broken_off = 0;
    assert_int_equal(
        archive_open(self->folder, &self->archive, &broken_off, &self->problem), STATUS_OK);
    assert_int_equal(broken_off, expected_broken_off);
}

static int
set_up(void **state)
{
    struct setting *self = memory_new(sizeof *self);
    self->folder = folder_make();
    open_archive(self, 0);
    *state = self;
    return 0;
}

static int
tear_down(void **state)
{
    struct setting *self = *state;
    archive_close(&self->archive);
    folder_remove(&self->folder);
    free(self);
    return 0;
}

static struct manifest
manifest_of(uint32_t seconds)
{
    struct manifest manifest = {
        .id = {.seconds = seconds, .random = 0xabcdef01},
        .started_at_ms = (int64_t)seconds * 1000 + 12,
        .finished_at_ms = (int64_t)seconds * 1000 + 500,
        .version = "0.1.0",
        .note = "before the \"great\" move \xc3\xa9\n",
        .copy_count = 2,
        .copies =
            {
                {.service = "context", .summary = {1, 41, 1000, 123456, {1, 2, 255}}},
                {.service = "metrics", .summary = {2, 1ULL << 40, 0, 0, {0}}},
            },
    };
    return manifest;
}

static void
make_backup(struct setting *self, uint32_t seconds)
{
    struct manifest manifest = manifest_of(seconds);
    CLEANUP(memory_free) char *path = NULL;
    assert_int_equal(archive_begin(self->archive, manifest.id, &path, &self->problem), STATUS_OK);
    assert_int_equal(archive_complete(self->archive, &manifest, &self->problem), STATUS_OK);
}

static void
a_backup_is_running_and_then_complete(void **state)
{
    struct setting *self = *state;
    struct manifest manifest = manifest_of(1000);
    CLEANUP(memory_free) char *path = NULL;

    assert_int_equal(archive_begin(self->archive, manifest.id, &path, &self->problem), STATUS_OK);
    assert_int_equal(archive_list(self->archive, self->entries, 64), 1);
    assert_int_equal(self->entries[0].state, BACKUP_RUNNING);
    assert_int_equal(archive_newest(self->archive, &manifest.id, &self->problem), STATUS_NOT_FOUND);
    assert_int_equal(archive_complete(self->archive, &manifest, &self->problem), STATUS_OK);

    assert_int_equal(archive_list(self->archive, self->entries, 64), 1);
    assert_int_equal(self->entries[0].state, BACKUP_COMPLETE);
    assert_string_equal(self->entries[0].problem, "");
    assert_int_equal(self->entries[0].verification.at_ms, 0);
    assert_memory_equal(&self->entries[0].manifest, &manifest, sizeof manifest);
}

static void
a_list_is_newest_first_and_of_ours_alone(void **state)
{
    struct setting *self = *state;
    struct backup_id newest;
    make_backup(self, 2000);
    make_backup(self, 3000);
    make_backup(self, 1000);
    CLEANUP(memory_free) char *foreign = folder_path(self->folder, "lost+found");
    CLEANUP(memory_free) char *copy = folder_path(self->folder, "19700101T003320Z-abcdef01.copy");
    assert_int_equal(mkdir(foreign, 0700) | mkdir(copy, 0700), 0);

    assert_int_equal(archive_list(self->archive, self->entries, 64), 3);
    assert_int_equal(self->entries[0].manifest.id.seconds, 3000);
    assert_int_equal(self->entries[2].manifest.id.seconds, 1000);
    assert_int_equal(archive_list(self->archive, self->entries, 2), 2);
    assert_int_equal(archive_newest(self->archive, &newest, &self->problem), STATUS_OK);
    assert_int_equal(newest.seconds, 3000);
}

static void
a_broken_backup_leaves_a_note(void **state)
{
    struct setting *self = *state;
    struct manifest manifest = manifest_of(1000);
    CLEANUP(memory_free) char *path = NULL;
    assert_int_equal(archive_begin(self->archive, manifest.id, &path, &self->problem), STATUS_OK);
    CLEANUP(memory_free) char *records = folder_path(path, "context.records");
    fclose(fopen(records, "we"));
    snprintf(manifest.problem, sizeof manifest.problem, "the disk is full");

    archive_break(self->archive, &manifest);

    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(archive_list(self->archive, self->entries, 64), 1);
    assert_int_equal(self->entries[0].state, BACKUP_BROKEN);
    assert_string_equal(self->entries[0].problem, "the disk is full");
    assert_true(self->entries[0].bytes < 2000);
}

static void
only_the_newest_notes_stay(void **state)
{
    struct setting *self = *state;
    for (uint32_t i = 1; i <= 25; i++) {
        struct manifest manifest = manifest_of(i * 1000);
        CLEANUP(memory_free) char *path = NULL;
        assert_int_equal(
            archive_begin(self->archive, manifest.id, &path, &self->problem), STATUS_OK);
        archive_break(self->archive, &manifest);
    }

    assert_int_equal(archive_list(self->archive, self->entries, 64), 20);
    assert_int_equal(self->entries[19].manifest.id.seconds, 6000);
}

static void
an_earlier_life_s_run_is_broken_off(void **state)
{
    struct setting *self = *state;
    struct manifest manifest = manifest_of(1000);
    CLEANUP(memory_free) char *path = NULL;
    make_backup(self, 500);
    assert_int_equal(archive_begin(self->archive, manifest.id, &path, &self->problem), STATUS_OK);
    archive_close(&self->archive);

    open_archive(self, 1);

    assert_int_equal(archive_list(self->archive, self->entries, 64), 2);
    assert_int_equal(self->entries[0].state, BACKUP_BROKEN);
    assert_string_equal(self->entries[0].problem, "the program ended during the run");
    assert_int_equal(self->entries[1].state, BACKUP_COMPLETE);
}

static void
one_process_has_the_folder(void **state)
{
    struct setting *self = *state;
    struct archive *second = NULL;
    unsigned broken_off = 0;

    assert_int_equal(archive_open(self->folder, &second, &broken_off, &self->problem),
        STATUS_FAILED_PRECONDITION);
    assert_non_null(strstr(self->problem.text, "in use by another process"));
    assert_int_equal(archive_open("/proc/nothing", &second, &broken_off, &self->problem),
        STATUS_FAILED_PRECONDITION);
    assert_null(second);
}

static void
a_missing_or_damaged_manifest_is_no_complete_backup(void **state)
{
    struct setting *self = *state;
    struct backup_id id = {.seconds = 1000, .random = 0xabcdef01};
    make_backup(self, 1000);
    CLEANUP(memory_free) char *path = archive_path(self->archive, id);
    CLEANUP(memory_free) char *manifest = folder_path(path, "manifest.json");
    struct stat info;
    assert_int_equal(stat(manifest, &info), 0);

    for (off_t at = 0; at < info.st_size - 1; at++) {
        int fd = open(manifest, O_RDWR | O_CLOEXEC);
        char byte = 0, other;
        assert_int_equal(pread(fd, &byte, 1, at), 1);
        other = (char)(byte ^ 0x01);
        assert_int_equal(pwrite(fd, &other, 1, at), 1);
        assert_int_equal(
            archive_find(self->archive, id, &self->entries[0], &self->problem), STATUS_OK);
        if (self->entries[0].state != BACKUP_BROKEN)
            fail_msg("byte %ld of the manifest flipped and not found", (long)at);
        assert_non_null(strstr(self->entries[0].problem, "manifest.json"));
        assert_int_equal(pwrite(fd, &byte, 1, at), 1);
        close(fd);
    }
    assert_int_equal(archive_newest(self->archive, &id, &self->problem), STATUS_OK);
    assert_int_equal(unlink(manifest), 0);
    assert_int_equal(archive_newest(self->archive, &id, &self->problem), STATUS_NOT_FOUND);
    assert_int_equal(archive_list(self->archive, self->entries, 64), 1);
    assert_non_null(strstr(self->entries[0].problem, "manifest.json is missing"));
}

static void
a_copied_manifest_is_found(void **state)
{
    struct setting *self = *state;
    make_backup(self, 1000);
    make_backup(self, 2000);
    CLEANUP(memory_free)
    char *from = archive_path(self->archive, (struct backup_id){1000, 0xabcdef01});
    CLEANUP(memory_free)
    char *to = archive_path(self->archive, (struct backup_id){2000, 0xabcdef01});
    CLEANUP(memory_free) char *from_file = folder_path(from, "manifest.json");
    CLEANUP(memory_free) char *to_file = folder_path(to, "manifest.json");
    assert_int_equal(rename(from_file, to_file), 0);

    assert_int_equal(archive_list(self->archive, self->entries, 64), 2);

    assert_int_equal(self->entries[0].state, BACKUP_BROKEN);
    assert_int_equal(self->entries[0].manifest.id.seconds, 2000);
    assert_non_null(strstr(self->entries[0].problem, "another backup's"));
}

static void
a_verification_is_remembered(void **state)
{
    struct setting *self = *state;
    struct backup_id id = {.seconds = 1000, .random = 0xabcdef01};
    make_backup(self, 1000);
    CLEANUP(memory_free) char *path = archive_path(self->archive, id);
    struct verification good = {.at_ms = 5000, .good = true};
    struct verification bad = {.at_ms = 6000, .problem = "context.records: block 3"};

    assert_int_equal(verification_write(&good, path, &self->problem), STATUS_OK);
    assert_int_equal(archive_find(self->archive, id, &self->entries[0], &self->problem), STATUS_OK);
    assert_int_equal(self->entries[0].state, BACKUP_COMPLETE);
    assert_int_equal(self->entries[0].verification.at_ms, 5000);
    assert_int_equal(verification_write(&bad, path, &self->problem), STATUS_OK);
    assert_int_equal(archive_find(self->archive, id, &self->entries[0], &self->problem), STATUS_OK);
    assert_int_equal(self->entries[0].state, BACKUP_BROKEN);
    assert_string_equal(self->entries[0].problem, "context.records: block 3");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_backup_is_running_and_then_complete),
        TEST(a_list_is_newest_first_and_of_ours_alone),
        TEST(a_broken_backup_leaves_a_note),
        TEST(only_the_newest_notes_stay),
        TEST(an_earlier_life_s_run_is_broken_off),
        TEST(one_process_has_the_folder),
        TEST(a_missing_or_damaged_manifest_is_no_complete_backup),
        TEST(a_copied_manifest_is_found),
        TEST(a_verification_is_remembered),
    };
    return cmocka_run_group_tests_name("archive", tests, NULL, NULL);
}
