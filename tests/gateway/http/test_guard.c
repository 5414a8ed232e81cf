#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gateway/http/guard.h"

static void
by_default_only_this_machine_is_named(void **state)
{
    (void)state;
    CLEANUP(http_guard_destroy) struct http_guard *guard = http_guard_create(NULL, 0, NULL, 0);
    static const char *const good[] = {
        "localhost", "LocalHost:8051", "127.0.0.1", "127.0.0.1:1", "[::1]", "[::1]:65535"};
    static const char *const bad[] = {"", "evil.example", "localhost.", "localhost.evil.example",
        "evil.example:8051", "localhost:", "localhost:a", "localhost:123456", ":8051",
        "localhost:1:2", "127.0.0.2", "::1", "[::1", "[::1]x", "localhost 1", "user@localhost",
        "0.0.0.0", "12345"};

    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        if (!http_guard_host_is_allowed(guard, text_of(good[i])))
            fail_msg("refused %s", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (http_guard_host_is_allowed(guard, text_of(bad[i])))
            fail_msg("allowed %s", bad[i]);
    assert_false(http_guard_host_is_allowed(guard, (struct text){0}));
}

static void
configured_hosts_replace_the_local_names(void **state)
{
    (void)state;
    static const char *const hosts[] = {"forge.example", "10.0.0.5"};
    CLEANUP(http_guard_destroy) struct http_guard *guard = http_guard_create(hosts, 2, NULL, 0);

    assert_true(http_guard_host_is_allowed(guard, TEXT("Forge.Example:443")));
    assert_true(http_guard_host_is_allowed(guard, TEXT("10.0.0.5")));
    assert_false(http_guard_host_is_allowed(guard, TEXT("localhost")));
}

static void
pages_of_this_machine_and_configured_ones_may_ask(void **state)
{
    (void)state;
    static const char *const origins[] = {"https://forge.example"};
    CLEANUP(http_guard_destroy) struct http_guard *guard = http_guard_create(NULL, 0, origins, 1);
    static const char *const good[] = {"http://localhost", "http://localhost:6274",
        "https://127.0.0.1:8051", "http://[::1]:3000", "https://forge.example"};
    static const char *const bad[] = {"", "null", "localhost", "http://", "http://evil.example",
        "http://localhost/", "http://localhost:80/", "http://localhost.evil.example",
        "http://evil.example#http://localhost", "http://user@localhost", "ftp://localhost",
        "file://", "http:/localhost", "https://forge.example:8443", "http://forge.example",
        "https://forge.example.evil", "http://localhost:99999999", "chrome-extension://localhost"};

    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        if (!http_guard_origin_is_allowed(guard, text_of(good[i])))
            fail_msg("refused %s", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (http_guard_origin_is_allowed(guard, text_of(bad[i])))
            fail_msg("allowed %s", bad[i]);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_default_only_this_machine_is_named),
        cmocka_unit_test(configured_hosts_replace_the_local_names),
        cmocka_unit_test(pages_of_this_machine_and_configured_ones_may_ask),
    };
    return cmocka_run_group_tests_name("http guard", tests, NULL, NULL);
}
