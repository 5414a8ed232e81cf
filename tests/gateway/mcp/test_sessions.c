/* Key rings, signed ids, and the table of active sessions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/memory.h"
#include "gateway/mcp/session_id.h"
#include "gateway/mcp/session_table.h"
#include "gateway/mcp/sessions.h"

static const char first_line[] =
    "k1 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n";
static const char second_line[] =
    "k2 ff0102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E1F\n";

struct fixture {
    char folder[64];
    char path[96];
    struct mcp_session_keys *keys;
    struct problem problem;
};

static int
setup(void **state)
{
    struct fixture *fixture = memory_new(sizeof *fixture);
    snprintf(fixture->folder, sizeof fixture->folder, "/tmp/mcp-keys-XXXXXX");
    assert_non_null(mkdtemp(fixture->folder));
    snprintf(fixture->path, sizeof fixture->path, "%s/ring", fixture->folder);
    *state = fixture;
    return 0;
}

static int
teardown(void **state)
{
    struct fixture *fixture = *state;
    mcp_session_keys_close(&fixture->keys);
    unlink(fixture->path);
    rmdir(fixture->folder);
    free(fixture);
    return 0;
}

static void
write_ring(struct fixture *fixture, const char *lines, mode_t mode)
{
    FILE *file = fopen(fixture->path, "w");
    assert_non_null(file);
    assert_true(fputs(lines, file) >= 0);
    fclose(file);
    assert_int_equal(chmod(fixture->path, mode), 0);
}

static enum status
reopen(struct fixture *fixture, bool create)
{
    mcp_session_keys_close(&fixture->keys);
    return mcp_session_keys_open(fixture->path, create, &fixture->keys, &fixture->problem);
}

static struct mcp_session
session(void)
{
    struct mcp_session made = {.version = MCP_2025_06_18,
        .capabilities = 5,
        .issued_at_ms = 1795505529000,
        .expires_at_ms = 1795505529000 + 86400000,
        .principal = 0x1122334455667788};
    mcp_session_set_client(&made, TEXT("claude code 1.0\n"));
    return made;
}

static size_t
make(struct fixture *fixture, char out[MCP_SESSION_ID_BYTES])
{
    struct mcp_session made = session();
    return mcp_session_id_make(fixture->keys, "gw 1", &made, out);
}

static bool
reads(struct fixture *fixture, struct text id, int64_t now_ms, struct mcp_session *read)
{
    return mcp_session_id_read(fixture->keys, id, now_ms, read);
}

static void
a_ring_is_made_once_and_kept_private(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(reopen(fixture, false), STATUS_NOT_FOUND);
    assert_int_equal(reopen(fixture, true), STATUS_OK);
    struct stat facts;
    assert_int_equal(stat(fixture->path, &facts), 0);
    assert_int_equal(facts.st_mode & 0777, 0600);
    char id[MCP_SESSION_ID_BYTES];
    size_t length = make(fixture, id);

    assert_int_equal(reopen(fixture, true), STATUS_OK);

    struct mcp_session read;
    assert_true(reads(fixture, text_from(id, length), 1795505530000, &read));
}

static void
a_ring_that_others_can_read_or_that_is_malformed_is_refused(void **state)
{
    struct fixture *fixture = *state;
    write_ring(fixture, first_line, 0640);
    assert_int_equal(reopen(fixture, false), STATUS_FAILED_PRECONDITION);
    assert_non_null(strstr(fixture->problem.text, "chmod 600"));
    static const char *const wrong[] = {"", "# nothing\n", "k1 00\n", "k1\n",
        "k.1 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n",
        "k1 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1g\n",
        "averyveryverylongname 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        write_ring(fixture, wrong[i], 0600);
        assert_int_equal(reopen(fixture, false), STATUS_INVALID_ARGUMENT);
    }
}

static void
an_id_tells_what_was_put_into_it(void **state)
{
    struct fixture *fixture = *state;
    write_ring(fixture, first_line, 0600);
    assert_int_equal(reopen(fixture, false), STATUS_OK);
    char id[MCP_SESSION_ID_BYTES];
    size_t length = make(fixture, id);
    struct mcp_session read;

    assert_true(reads(fixture, text_from(id, length), 1795505529000, &read));

    assert_memory_equal(id, "gw-1.k1.", 8);
    assert_int_equal(length, strlen(id));
    assert_int_equal(read.version, MCP_2025_06_18);
    assert_int_equal(read.capabilities, 5);
    assert_int_equal(read.issued_at_ms, 1795505529000);
    assert_true(read.principal == 0x1122334455667788);
    assert_string_equal(read.client, "claudecode1.0");
    char other[MCP_SESSION_ID_BYTES];
    make(fixture, other);
    assert_string_not_equal(id, other);
}

static void
any_changed_character_makes_an_id_forged(void **state)
{
    struct fixture *fixture = *state;
    write_ring(fixture, first_line, 0600);
    assert_int_equal(reopen(fixture, false), STATUS_OK);
    char id[MCP_SESSION_ID_BYTES];
    size_t length = make(fixture, id);
    struct mcp_session read;
    for (size_t i = 0; i < length; i++) {
        id[i] ^= 1;
        if (reads(fixture, text_from(id, length), 1795505529000, &read))
            fail_msg("changed at %zu", i);
        id[i] ^= 1;
        assert_false(reads(fixture, text_from(id, i), 1795505529000, &read));
    }
    id[length] = 'A';
    assert_false(reads(fixture, text_from(id, length + 1), 1795505529000, &read));
    assert_false(reads(fixture, TEXT("..."), 1795505529000, &read));
    assert_false(reads(fixture, TEXT(""), 1795505529000, &read));
}

static void
an_id_ends_with_its_time(void **state)
{
    struct fixture *fixture = *state;
    write_ring(fixture, first_line, 0600);
    assert_int_equal(reopen(fixture, false), STATUS_OK);
    char id[MCP_SESSION_ID_BYTES];
    size_t length = make(fixture, id);
    struct mcp_session read;
    int64_t end_ms = 1795505529000 + 86400000;

    assert_true(reads(fixture, text_from(id, length), end_ms - 1, &read));
    assert_false(reads(fixture, text_from(id, length), end_ms, &read));
}

static void
old_keys_verify_until_they_leave_the_ring(void **state)
{
    struct fixture *fixture = *state;
    char lines[512];
    write_ring(fixture, first_line, 0600);
    assert_int_equal(reopen(fixture, false), STATUS_OK);
    char id[MCP_SESSION_ID_BYTES];
    size_t length = make(fixture, id);
    struct mcp_session read;

    snprintf(lines, sizeof lines, "# rotated\n%s\n%s", second_line, first_line);
    write_ring(fixture, lines, 0600);
    assert_int_equal(reopen(fixture, false), STATUS_OK);
    assert_true(reads(fixture, text_from(id, length), 1795505529000, &read));
    char fresh[MCP_SESSION_ID_BYTES];
    make(fixture, fresh);
    assert_memory_equal(fresh, "gw-1.k2.", 8);

    write_ring(fixture, second_line, 0600);
    assert_int_equal(reopen(fixture, false), STATUS_OK);
    assert_false(reads(fixture, text_from(id, length), 1795505529000, &read));
}

static void
a_loop_recognises_its_sessions_for_their_principal_alone(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(reopen(fixture, true), STATUS_OK);
    struct mcp_sessions *sessions = mcp_sessions_create(fixture->keys, NULL, "gw");
    struct mcp_sessions *others = mcp_sessions_create(fixture->keys, NULL, "gw2");
    struct mcp_session made = {.version = MCP_2025_11_25, .principal = 5};
    char id[MCP_SESSION_ID_BYTES];
    size_t length = mcp_sessions_begin(sessions, &made, id);

    for (int i = 0; i < 2; i++) {
        assert_non_null(mcp_sessions_find(sessions, text_from(id, length), 5));
        assert_null(mcp_sessions_find(sessions, text_from(id, length), 6));
        assert_non_null(mcp_sessions_find(others, text_from(id, length), 5));
        assert_null(mcp_sessions_find(others, text_from(id, length), 6));
    }
    mcp_sessions_destroy(&sessions);
    mcp_sessions_destroy(&others);
}

static void
principals_differ_by_tenant_and_name(void **state)
{
    (void)state;
    struct rpc_principal one = {TEXT("sam"), TEXT("default"), 0};
    struct rpc_principal name = {TEXT("kim"), TEXT("default"), 0};
    struct rpc_principal tenant = {TEXT("sam"), TEXT("other"), 0};
    struct rpc_principal shifted = {TEXT("tsam"), TEXT("defaul"), 0};
    assert_true(mcp_session_principal(&one) != mcp_session_principal(&name));
    assert_true(mcp_session_principal(&one) != mcp_session_principal(&tenant));
    assert_true(mcp_session_principal(&one) != mcp_session_principal(&shifted));
}

static void
the_table_counts_what_was_used_lately(void **state)
{
    (void)state;
    struct session_table *table = session_table_create();
    assert_int_equal(session_table_oldest(table), -1);
    session_table_touch(table, 1, 100);
    session_table_touch(table, 2, 200);
    session_table_touch(table, 1 + SESSION_TABLE_PLACES, 300);
    session_table_touch(table, 1, 400);
    assert_int_equal(session_table_count(table), 3);
    assert_int_equal(session_table_oldest(table), 200);

    session_table_expire(table, 300);

    assert_int_equal(session_table_count(table), 1);
    assert_int_equal(session_table_oldest(table), 400);
    session_table_expire(table, 400);
    assert_int_equal(session_table_count(table), 0);
    session_table_destroy(&table);
}

static void
the_table_drops_the_least_recently_used_when_full(void **state)
{
    (void)state;
    struct session_table *table = session_table_create();
    for (uint64_t i = 0; i < SESSION_TABLE_PLACES; i++)
        session_table_touch(table, i * 7919, (int64_t)i);
    session_table_touch(table, 0, SESSION_TABLE_PLACES);
    for (uint64_t i = 0; i < 10; i++)
        session_table_touch(table, (SESSION_TABLE_PLACES + i) * 7919, SESSION_TABLE_PLACES + 1);

    assert_int_equal(session_table_count(table), SESSION_TABLE_PLACES);
    /* 1 to 10 went; 0 was used again and stayed. */
    assert_int_equal(session_table_oldest(table), 11);
    session_table_expire(table, SESSION_TABLE_PLACES - 1);
    assert_int_equal(session_table_count(table), 11);
    session_table_destroy(&table);
}

int
main(void)
{
#define RUNS(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        RUNS(a_ring_is_made_once_and_kept_private),
        RUNS(a_ring_that_others_can_read_or_that_is_malformed_is_refused),
        RUNS(an_id_tells_what_was_put_into_it),
        RUNS(any_changed_character_makes_an_id_forged),
        RUNS(an_id_ends_with_its_time),
        RUNS(old_keys_verify_until_they_leave_the_ring),
        RUNS(a_loop_recognises_its_sessions_for_their_principal_alone),
        cmocka_unit_test(principals_differ_by_tenant_and_name),
        cmocka_unit_test(the_table_counts_what_was_used_lately),
        cmocka_unit_test(the_table_drops_the_least_recently_used_when_full),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
