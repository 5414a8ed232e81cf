/* The small readers that the tools' rooms share: moments and base64. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "common/base/clock.h"
#include "gateway/tools/base64.h"
#include "gateway/tools/moment.h"

static const int64_t now_ms = 1795505529150; /* 2026-11-24T07:32:09.150Z */

static int64_t
moment(const char *words)
{
    int64_t at;
    return moment_parse(text_of(words), now_ms, &at) ? at : -1;
}

static void
moments_are_read_as_rfc_3339(void **state)
{
    (void)state;
    assert_int_equal(moment("2026-11-24T07:32:09.150Z"), now_ms);
    assert_int_equal(moment("2026-11-24T08:32:09.15+01:00"), now_ms);
    assert_int_equal(moment("2026-11-24 07:32:09.150999z"), now_ms);
    assert_int_equal(moment("2026-11-24"), now_ms - now_ms % 86400000);
    assert_int_equal(moment("1970-01-01T00:00:00Z"), 0);
    assert_int_equal(moment("2024-02-29"), 1709164800000);
    assert_int_equal(moment("9999-12-31T23:59:59.999Z"), 253402300799999);
}

static void
moments_are_read_as_ages(void **state)
{
    (void)state;
    assert_int_equal(moment("90s"), now_ms - 90000);
    assert_int_equal(moment("15m"), now_ms - 900000);
    assert_int_equal(moment("24h"), now_ms - 86400000);
    assert_int_equal(moment("7d"), now_ms - 7 * 86400000LL);
    assert_int_equal(moment(" 2w "), now_ms - 14 * 86400000LL);
    assert_int_equal(moment("999999999d"), 0);
}

static void
what_is_no_moment_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {"", "now", "7", "d", "-7d", "7y", "2026-13-01",
        "2026-02-29", "2026-00-10", "2026-11-31", "2026-11-24T24:00:00Z", "2026-11-24T07:60:00Z",
        "2026-11-24T07:32:09", "2026-11-24T07:32Z", "2026-11-24T07:32:09Zx",
        "2026-11-24T07:32:09+25:00", "2026-11-24T07:32:09.Z", "1969-12-31", "26-11-24",
        "1970-01-01T00:00:00+01:00", "99999999999999999999d"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        if (moment(wrong[i]) != -1)
            fail_msg("\"%s\" was read", wrong[i]);
}

static void
base64_goes_there_and_back(void **state)
{
    (void)state;
    uint8_t bytes[256];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 7 + 3);
    for (size_t size = 0; size <= sizeof bytes; size++) {
        char words[BASE64_URL_LENGTH(sizeof bytes)];
        uint8_t again[sizeof bytes];
        size_t length;
        base64_url_encode(bytes, size, words);
        assert_true(base64_url_decode(
            text_from(words, BASE64_URL_LENGTH(size)), again, sizeof again, &length));
        assert_int_equal(length, size);
        assert_memory_equal(again, bytes, size);
    }
}

static void
only_canonical_base64_is_read(void **state)
{
    (void)state;
    char out[64];
    size_t size;
    assert_true(base64_decode(TEXT("aGVsbG8="), out, sizeof out, &size));
    assert_int_equal(size, 5);
    assert_memory_equal(out, "hello", 5);
    assert_true(base64_decode(TEXT(""), out, sizeof out, &size));
    assert_int_equal(size, 0);
    static const char *const wrong[] = {"aGVsbG8",
        "aGVsbG8==", "aGVsbG9=", "aGVs bG8=", "a===", "=",
        "====", "aGVs*G8=", "aGVs-_8=", "aGVsbG8=aGVs"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        if (base64_decode(text_of(wrong[i]), out, sizeof out, &size))
            fail_msg("\"%s\" was read", wrong[i]);
    assert_false(base64_url_decode(TEXT("aGVsbG8="), out, sizeof out, &size));
    assert_false(base64_url_decode(TEXT("aGVsbG9"), out, sizeof out, &size));
    assert_false(base64_url_decode(TEXT("aGVsbG8"), out, 4, &size));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moments_are_read_as_rfc_3339),
        cmocka_unit_test(moments_are_read_as_ages),
        cmocka_unit_test(what_is_no_moment_is_refused),
        cmocka_unit_test(base64_goes_there_and_back),
        cmocka_unit_test(only_canonical_base64_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
