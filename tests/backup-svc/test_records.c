#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backup-svc/records.h"
#include "common/base/memory.h"
#include "tests/common/store/fixture.h"

struct setting {
    char *folder;
    char *path;
};

static int
set_up(void **state)
{
    struct setting *self = memory_new(sizeof *self);
    self->folder = folder_make();
    self->path = folder_path(self->folder, "context.records");
    *state = self;
    return 0;
}

static int
tear_down(void **state)
{
    struct setting *self = *state;
    folder_remove(&self->folder);
    free(self->path);
    free(self);
    return 0;
}

static struct records_summary
write_records(const char *path, unsigned count, size_t value_bytes)
{
    struct problem problem = {0};
    struct records_summary summary = {0};
    struct records_writer *writer = NULL;
    CLEANUP(memory_free) char *value = memory_new(value_bytes + 1);
    memset(value, 'v', value_bytes);
    assert_int_equal(records_writer_create(path, 0, 7, 99, &writer, &problem), STATUS_OK);
    for (unsigned i = 0; i < count; i++) {
        char key[16];
        snprintf(key, sizeof key, "key%06u", i);
        assert_int_equal(
            records_writer_add(writer, text_of(key), text_from(value, value_bytes), &problem),
            STATUS_OK);
    }
    assert_int_equal(records_writer_finish(writer, &summary, &problem), STATUS_OK);
    records_writer_destroy(&writer);
    return summary;
}

/* Reads to the end; the status, the words, and what was read. */
static enum status
read_records(const char *path, struct records_summary *summary, struct problem *problem)
{
    struct records_reader *reader = NULL;
    *problem = (struct problem){0};
    enum status status = records_reader_create(path, &reader, problem);
    if (status != STATUS_OK)
        return status;
    struct text key, value;
    while (records_reader_next(reader, &key, &value))
        assert_true(key.length > 0 && value.data);
    *summary = records_reader_summary(reader);
    status = records_reader_end(reader, problem);
    records_reader_destroy(&reader);
    return status;
}

static void
records_read_back(void **state)
{
    struct setting *self = *state;
    struct records_summary written = write_records(self->path, 3000, 1000), read = {0};
    struct problem problem;

    assert_int_equal(read_records(self->path, &read, &problem), STATUS_OK);

    assert_int_equal(read.records, 3000);
    assert_int_equal(read.format, 7);
    assert_int_equal(read.sequence, 99);
    assert_int_equal(read.bytes, written.bytes);
    assert_memory_equal(read.sha256, written.sha256, RECORDS_HASH_SIZE);
}

static void
an_empty_file_of_records_is_whole(void **state)
{
    struct setting *self = *state;
    struct records_summary read = {0};
    struct problem problem;
    write_records(self->path, 0, 0);

    assert_int_equal(read_records(self->path, &read, &problem), STATUS_OK);
    assert_int_equal(read.records, 0);
}

static void
records_that_do_not_fit_are_refused(void **state)
{
    struct setting *self = *state;
    struct problem problem = {0};
    struct records_writer *writer = NULL;
    CLEANUP(memory_free) char *large = memory_new(RECORDS_VALUE_MAX + 1);
    memset(large, 'x', RECORDS_VALUE_MAX + 1);
    assert_int_equal(records_writer_create(self->path, 0, 1, 0, &writer, &problem), STATUS_OK);
    struct text value = TEXT("v");

    assert_int_equal(
        records_writer_add(writer, TEXT(""), value, &problem), STATUS_INVALID_ARGUMENT);
    assert_int_equal(
        records_writer_add(writer, text_from(large, RECORDS_KEY_MAX + 1), value, &problem),
        STATUS_INVALID_ARGUMENT);
    assert_int_equal(
        records_writer_add(writer, TEXT("a"), text_from(large, RECORDS_VALUE_MAX + 1), &problem),
        STATUS_INVALID_ARGUMENT);
    assert_int_equal(
        records_writer_add(writer, TEXT("b"), text_from(large, RECORDS_VALUE_MAX), &problem),
        STATUS_OK);
    assert_int_equal(
        records_writer_add(writer, TEXT("b"), value, &problem), STATUS_INVALID_ARGUMENT);
    assert_int_equal(
        records_writer_add(writer, TEXT("a"), value, &problem), STATUS_INVALID_ARGUMENT);
    assert_int_equal(
        records_writer_add(writer, text_from(large, RECORDS_KEY_MAX), value, &problem), STATUS_OK);
    records_writer_destroy(&writer);
    struct records_summary read;
    assert_int_equal(read_records(self->path, &read, &problem), STATUS_DATA_LOSS);
}

static void
flip(const char *path, off_t at)
{
    int fd = open(path, O_RDWR | O_CLOEXEC);
    char byte = 0;
    assert_int_equal(pread(fd, &byte, 1, at), 1);
    byte ^= 0x01;
    assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    close(fd);
}

static off_t
size_of(const char *path)
{
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    return info.st_size;
}

/* Format and sequence stand in the header unprotected: the manifest knows them. */
static void
every_flipped_byte_is_found(void **state)
{
    struct setting *self = *state;
    struct records_summary read = {0};
    struct problem problem;
    struct records_summary written = write_records(self->path, 20, 3);
    off_t size = size_of(self->path);
    for (off_t at = 0; at < size; at++) {
        flip(self->path, at);
        enum status status = read_records(self->path, &read, &problem);
        bool told = status == STATUS_DATA_LOSS && strstr(problem.text, "context.records");
        bool differs = read.format != written.format || read.sequence != written.sequence;
        if (!told && !differs)
            fail_msg("byte %ld flipped and not found", (long)at);
        flip(self->path, at);
    }
    assert_int_equal(read_records(self->path, &read, &problem), STATUS_OK);
}

static void
every_cut_is_found(void **state)
{
    struct setting *self = *state;
    struct records_summary read;
    struct problem problem;
    write_records(self->path, 20, 3);
    for (off_t size = size_of(self->path) - 1; size >= 0; size--) {
        assert_int_equal(truncate(self->path, size), 0);
        assert_int_equal(read_records(self->path, &read, &problem), STATUS_DATA_LOSS);
    }
}

static void
what_follows_the_trailer_is_found(void **state)
{
    struct setting *self = *state;
    struct records_summary read;
    struct problem problem;
    write_records(self->path, 20, 3);
    FILE *file = fopen(self->path, "ae");
    fputc('x', file);
    fclose(file);

    assert_int_equal(read_records(self->path, &read, &problem), STATUS_DATA_LOSS);
    assert_non_null(strstr(problem.text, "follows the trailer"));
}

static void
a_hostile_length_is_not_allocated(void **state)
{
    struct setting *self = *state;
    struct records_summary read;
    struct problem problem;
    write_records(self->path, 1, 3);
    int fd = open(self->path, O_RDWR | O_CLOEXEC);
    assert_int_equal(pwrite(fd, "\xff\xff\xff\xff", 4, RECORDS_HEADER_SIZE), 4);
    close(fd);

    assert_int_equal(read_records(self->path, &read, &problem), STATUS_DATA_LOSS);
    assert_non_null(strstr(problem.text, "length is impossible"));
}

static void
missing_existing_and_unwanted_files_are_told(void **state)
{
    struct setting *self = *state;
    struct records_summary read;
    struct problem problem = {0};
    struct records_writer *writer = NULL;

    assert_int_equal(read_records(self->path, &read, &problem), STATUS_NOT_FOUND);
    write_records(self->path, 1, 1);
    assert_int_equal(
        records_writer_create(self->path, 0, 1, 0, &writer, &problem), STATUS_UNAVAILABLE);
    assert_null(writer);
}

static void
the_disk_keeps_its_watermark(void **state)
{
    struct setting *self = *state;
    struct problem problem = {0};
    struct records_summary summary;
    struct records_writer *writer = NULL;
    assert_int_equal(
        records_writer_create(self->path, UINT64_C(1) << 60, 1, 0, &writer, &problem), STATUS_OK);
    assert_int_equal(records_writer_add(writer, TEXT("a"), TEXT("1"), &problem), STATUS_OK);

    assert_int_equal(records_writer_finish(writer, &summary, &problem), STATUS_RESOURCE_EXHAUSTED);
    assert_non_null(strstr(problem.text, "MiB free"));
    records_writer_destroy(&writer);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(records_read_back),
        TEST(an_empty_file_of_records_is_whole),
        TEST(records_that_do_not_fit_are_refused),
        TEST(every_flipped_byte_is_found),
        TEST(every_cut_is_found),
        TEST(what_follows_the_trailer_is_found),
        TEST(a_hostile_length_is_not_allocated),
        TEST(missing_existing_and_unwanted_files_are_told),
        TEST(the_disk_keeps_its_watermark),
    };
    return cmocka_run_group_tests_name("records", tests, NULL, NULL);
}
