#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/uuid.h"

static void
ids_of_one_millisecond_sort_in_order(void **state)
{
    (void)state;
    struct uuid last = uuid_create(1700000000000);
    for (int i = 0; i < 10000; i++) {
        struct uuid next = uuid_create(1700000000000);
        assert_true(memcmp(last.bytes, next.bytes, UUID_SIZE) < 0);
        last = next;
    }
}

static void
the_text_form_reads_back(void **state)
{
    (void)state;
    struct uuid id = uuid_create(1700000000000);
    char text[UUID_TEXT_SIZE];
    struct uuid again;

    uuid_format(&id, text);

    assert_int_equal(text[14], '7');
    assert_true(uuid_parse(text_of(text), &again));
    assert_memory_equal(id.bytes, again.bytes, UUID_SIZE);
}

static void
another_form_is_refused(void **state)
{
    (void)state;
    struct uuid id;
    assert_false(uuid_parse(TEXT(""), &id));
    assert_false(uuid_parse(TEXT("0199e3a1-8f3c-7abc-8def-0123456789a"), &id));
    assert_false(uuid_parse(TEXT("0199e3a1-8f3c-7abc-8def-0123456789ag"), &id));
    assert_false(uuid_parse(TEXT("0199e3a1+8f3c-7abc-8def-0123456789ab"), &id));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_of_one_millisecond_sort_in_order),
        cmocka_unit_test(the_text_form_reads_back),
        cmocka_unit_test(another_form_is_refused),
    };
    return cmocka_run_group_tests_name("uuid", tests, NULL, NULL);
}
