#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "backup-svc/id.h"

static void
an_id_reads_back(void **state)
{
    (void)state;
    char name[BACKUP_ID_SIZE];
    struct backup_id id = {.seconds = 1795505535, .random = 0x1a2b3c4d}, read;

    backup_id_format(id, name);

    assert_string_equal(name, "20261124T073215Z-1a2b3c4d");
    assert_true(backup_id_parse(text_of(name), &read));
    assert_int_equal(backup_id_compare(id, read), 0);
}

static void
other_names_are_refused(void **state)
{
    (void)state;
    static const char *const names[] = {
        "",
        "20261124T073215Z-1a2b3c4",
        "20261124T073215Z-1a2b3c4d5",
        "20261124T073215Z-1A2B3C4D",
        "20261124T073215Z-1a2b3c4g",
        "20261324T073215Z-1a2b3c4d",
        "20260231T073215Z-1a2b3c4d",
        "20261124T073215z-1a2b3c4d",
        "20261124T073215Z_1a2b3c4d",
        " 0261124T073215Z-1a2b3c4d",
        "../../../../../etc/passwd",
        "20261124T073215Z-/../../x",
    };
    struct backup_id id;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_false(backup_id_parse(text_of(names[i]), &id));
    assert_false(backup_id_parse(text_from("20261124T073215Z-1a2b\0c4d", 25), &id));
}

static void
ids_sort_by_age(void **state)
{
    (void)state;
    struct backup_id old = {.seconds = 10, .random = 9}, new = {.seconds = 11, .random = 1};
    struct backup_id twin = {.seconds = 10, .random = 10};

    assert_true(backup_id_compare(old, new) < 0);
    assert_true(backup_id_compare(new, old) > 0);
    assert_true(backup_id_compare(old, twin) < 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_id_reads_back),
        cmocka_unit_test(other_names_are_refused),
        cmocka_unit_test(ids_sort_by_age),
    };
    return cmocka_run_group_tests_name("backup id", tests, NULL, NULL);
}
