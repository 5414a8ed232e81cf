/* Verifying and restoring, by calls to the whole backup service. */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/memory.h"

#include "vault.h"

static void
a_good_backup_is_verified(void **state)
{
    struct vault *self = *state;
    char id[64];
    vault_run_for_id(self, id);

    assert_int_equal(vault_verify(self, ""), STATUS_OK);

    assert_true(self->good);
    assert_string_equal(self->info->id, id);
    assert_true(self->info->verified_at_ms > 0);
    assert_int_equal(vault_list(self), STATUS_OK);
    assert_true(self->info->verified_at_ms > 0);
}

static void
assert_same_rows(struct store *a, struct store *b)
{
    assert_int_equal(count_rows(a), count_rows(b));
    struct store_snapshot *left = store_snapshot_create(a), *right = store_snapshot_create(b);
    struct store_scan *scan = store_scan_create(left, TEXT(""), TEXT(""), false);
    struct text key, value;
    while (store_scan_next(scan, &key, &value)) {
        struct store_value other = {0};
        assert_int_equal(store_get(right, key, &other), STATUS_OK);
        assert_true(text_equals(value, other.bytes));
        store_value_release(&other);
    }
    store_scan_destroy(&scan);
    store_snapshot_destroy(&left);
    store_snapshot_destroy(&right);
}

static void
a_restore_brings_every_record_back(void **state)
{
    struct vault *self = *state;
    char id[64];
    vault_run_for_id(self, id);
    struct store *expected[STORES];
    for (int i = 0; i < STORES; i++) {
        expected[i] = TAKE(self->stores[i]);
        vault_replace_fake(self, i, store_of(STORE_MEMORY, NULL));
    }

    assert_int_equal(vault_restore(self, "", id), STATUS_OK);

    assert_int_equal(self->records, 2500);
    for (int i = 0; i < STORES; i++) {
        assert_same_rows(expected[i], self->stores[i]);
        assert_int_equal(store_sequence(self->stores[i]), store_sequence(expected[i]));
        store_close(&expected[i]);
    }
}

static void
a_restore_must_be_confirmed(void **state)
{
    struct vault *self = *state;
    char id[64];
    vault_run_for_id(self, id);

    assert_int_equal(vault_restore(self, id, ""), STATUS_INVALID_ARGUMENT);
    vault_assert_detail(self, id);
    assert_int_equal(vault_restore(self, id, "yes"), STATUS_INVALID_ARGUMENT);
    assert_int_equal(vault_restore(self, "../../etc", "../../etc"), STATUS_INVALID_ARGUMENT);
    assert_int_equal(vault_restore(self, "20200101T000000Z-00000000", "20200101T000000Z-00000000"),
        STATUS_NOT_FOUND);
}

static void
a_restore_into_a_used_store_changes_nothing(void **state)
{
    struct vault *self = *state;
    char id[64];
    vault_run_for_id(self, id);
    struct store *used = store_of(STORE_MEMORY, NULL);
    assert_int_equal(commit_one(used, "mine", "1"), STATUS_OK);
    vault_replace_fake(self, CONTEXT, store_of(STORE_MEMORY, NULL));
    vault_replace_fake(self, METRICS, used);

    assert_int_equal(vault_restore(self, id, id), STATUS_FAILED_PRECONDITION);

    vault_assert_detail(self, "not empty");
    vault_assert_detail(self, "stop metrics-svc, move its store's folder away, start it");
    assert_int_equal(count_rows(self->stores[METRICS]), 1);
    assert_int_equal(count_rows(self->stores[CONTEXT]), 0);
    assert_int_equal(commit_one(self->stores[CONTEXT], "a", "1"), STATUS_OK);
}

static void
flip_middle(const char *path)
{
    int fd = open(path, O_RDWR | O_CLOEXEC);
    struct stat info;
    char byte = 0;
    assert_int_equal(fstat(fd, &info), 0);
    assert_int_equal(pread(fd, &byte, 1, info.st_size / 2), 1);
    byte ^= 0x08;
    assert_int_equal(pwrite(fd, &byte, 1, info.st_size / 2), 1);
    close(fd);
}

static void
damage_in_any_file_is_found_and_named(void **state)
{
    struct vault *self = *state;
    static const char *const names[] = {"context.records", "metrics.records", "manifest.json"};
    char id[64];
    vault_run_for_id(self, id);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        CLEANUP(memory_free) char *path = vault_file(self, id, names[i]);
        flip_middle(path);

        assert_int_equal(vault_verify(self, id), STATUS_OK);
        assert_false(self->good);
        assert_non_null(strstr(self->problem, names[i]));
        assert_int_equal(self->info->state, FORGE__BACKUP_STATE__BROKEN);
        assert_int_equal(vault_restore(self, id, id), STATUS_DATA_LOSS);
        vault_assert_detail(self, names[i]);

        flip_middle(path);
    }
    assert_int_equal(vault_verify(self, id), STATUS_OK);
    assert_true(self->good);
}

static void
a_header_of_another_snapshot_is_found(void **state)
{
    struct vault *self = *state;
    char id[64];
    vault_run_for_id(self, id);
    CLEANUP(memory_free) char *path = vault_file(self, id, "context.records");
    int fd = open(path, O_RDWR | O_CLOEXEC);
    assert_int_equal(pwrite(fd, "\x63", 1, 31), 1); /* last byte of the sequence */
    close(fd);

    assert_int_equal(vault_verify(self, id), STATUS_OK);
    assert_false(self->good);
    assert_non_null(strstr(self->problem, "context.records is another than the manifest's"));
}

static void
a_truncated_and_a_missing_file_are_found(void **state)
{
    struct vault *self = *state;
    char id[64];
    vault_run_for_id(self, id);
    CLEANUP(memory_free) char *path = vault_file(self, id, "context.records");
    assert_int_equal(truncate(path, 100000), 0);

    assert_int_equal(vault_verify(self, id), STATUS_OK);
    assert_false(self->good);
    assert_non_null(strstr(self->problem, "context.records"));
    assert_non_null(strstr(self->problem, "ends too early"));
    assert_int_equal(unlink(path), 0);
    assert_int_equal(vault_verify(self, id), STATUS_OK);
    assert_non_null(strstr(self->problem, "context.records cannot be opened"));
}

static void
a_backup_without_manifest_is_not_complete(void **state)
{
    struct vault *self = *state;
    char id[64];
    vault_run_for_id(self, id);
    CLEANUP(memory_free) char *path = vault_file(self, id, "manifest.json");
    assert_int_equal(unlink(path), 0);

    assert_int_equal(vault_list(self), STATUS_OK);
    assert_int_equal(self->info->state, FORGE__BACKUP_STATE__BROKEN);
    assert_int_equal(vault_verify(self, ""), STATUS_NOT_FOUND);
    assert_int_equal(vault_restore(self, id, id), STATUS_DATA_LOSS);
    vault_assert_detail(self, "manifest.json is missing");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, vault_set_up, vault_tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_good_backup_is_verified),
        TEST(a_restore_brings_every_record_back),
        TEST(a_restore_must_be_confirmed),
        TEST(a_restore_into_a_used_store_changes_nothing),
        TEST(damage_in_any_file_is_found_and_named),
        TEST(a_header_of_another_snapshot_is_found),
        TEST(a_truncated_and_a_missing_file_are_found),
        TEST(a_backup_without_manifest_is_not_complete),
    };
    zsys_handler_set(NULL);
    int failed = cmocka_run_group_tests_name("backup restore", tests, NULL, NULL);
    zsys_shutdown();
    return failed;
}
