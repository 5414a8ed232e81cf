/* A full disk: saves are refused with words, reads go on, freed space brings writing back without a
 * restart, and nothing that was acknowledged is lost. Needs root, for a small tmpfs. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/clock.h"
#include "tests/context-svc/desk.h"

enum { SAVES_MAX = 4096 };

struct fixture {
    struct desk_service service;
    struct desk desk;
    char folder[64];
    char path[80];
    char filler[80];
    bool mounted;
    struct kept_id acknowledged[SAVES_MAX];
    size_t count;
};

static int
setup(void **state)
{
    static struct fixture fixture;
    fixture = (struct fixture){.count = 0};
    folder_make(fixture.folder);
    fixture.mounted = mount("tmpfs", fixture.folder, "tmpfs", 0, "size=24m") == 0;
    snprintf(fixture.path, sizeof fixture.path, "%s/store", fixture.folder);
    snprintf(fixture.filler, sizeof fixture.filler, "%s/filler", fixture.folder);
    *state = &fixture;
    return 0;
}

static int
teardown(void **state)
{
    struct fixture *fixture = *state;
    if (fixture->mounted)
        umount(fixture->folder);
    rmdir(fixture->folder);
    return 0;
}

static void
begin(struct fixture *fixture, uint64_t min_free_bytes)
{
    if (!fixture->mounted) {
        print_message("skipped: mounting a tmpfs needs root (%s)\n", strerror(errno));
        skip();
    }
    desk_service_start_with(&fixture->service, fixture->path, min_free_bytes);
    desk_open(&fixture->desk, fixture->service.endpoint);
}

static void
end(struct fixture *fixture)
{
    desk_close(&fixture->desk);
    desk_service_stop(&fixture->service);
}

/* Takes all the space that is left, but for `leave` bytes. */
static void
fill_disk(const struct fixture *fixture, off_t leave)
{
    int file = open(fixture->filler, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(file >= 0);
    static char block[4096];
    memset(block, 'f', sizeof block);
    off_t size = 0;
    ssize_t written;
    while ((written = write(file, block, sizeof block)) > 0)
        size += written;
    assert_int_equal(ftruncate(file, size > leave ? size - leave : 0), 0);
    close(file);
}

/* True when it was acknowledged. */
static bool
try_save(struct fixture *fixture, size_t number)
{
    static char text[8192];
    int size = snprintf(text, sizeof text, "Memory number%zu ", number);
    memset(text + size, 'm', sizeof text - (size_t)size - 1);
    text[sizeof text - 1] = '\0';
    Forge__SaveRequest request = FORGE__SAVE_REQUEST__INIT;
    request.content = text_bytes(text);
    Forge__SaveReply *reply =
        desk_ask(&fixture->desk, &forge__context__descriptor, "Save", &request);
    if (reply && fixture->count < SAVES_MAX)
        fixture->acknowledged[fixture->count++] = keep_id(reply->id);
    return reply != NULL;
}

static void
expect_all_there(struct fixture *fixture)
{
    for (size_t i = 0; i < fixture->count; i++)
        assert_non_null(desk_get(&fixture->desk, id_bytes(&fixture->acknowledged[i])));
}

/* Get, Search and List, one after the other for so long: each is answered. */
static void
expect_reads(struct fixture *fixture, int ms)
{
    int64_t until_ms = clock_monotonic_ms() + ms;
    for (size_t i = 0; clock_monotonic_ms() < until_ms; i++) {
        size_t at = i % fixture->count;
        assert_non_null(desk_get(&fixture->desk, id_bytes(&fixture->acknowledged[at])));
        assert_int_equal(desk_search(&fixture->desk, "number7")->n_hits, 1);
        Forge__ListRequest request = FORGE__LIST_REQUEST__INIT;
        Forge__ListReply *reply =
            desk_ask(&fixture->desk, &forge__context__descriptor, "List", &request);
        if (!reply)
            fail_msg("not listed: %s", fixture->desk.last.detail);
        assert_true(reply && reply->n_entries > 0);
    }
}

/* Until a save is acknowledged again; without a restart, and reads are answered meanwhile. */
static void
expect_writable_again(struct fixture *fixture)
{
    int64_t until_ms = clock_monotonic_ms() + 15000;
    bool saved = false;
    for (size_t number = 100000; !saved && clock_monotonic_ms() < until_ms; number++) {
        saved = try_save(fixture, number);
        if (!saved)
            expect_reads(fixture, 100);
    }
    assert_true(saved);
    assert_string_equal(desk_count(&fixture->desk)->store_state, "writable");
}

static void
refuse_and_return(struct fixture *fixture, uint64_t min_free_bytes, off_t leave)
{
    begin(fixture, min_free_bytes);
    for (size_t i = 0; i < 50; i++)
        assert_true(try_save(fixture, i));
    fill_disk(fixture, leave);
    size_t number = 50;
    while (number < SAVES_MAX && try_save(fixture, number))
        number++;

    assert_true(number < SAVES_MAX);
    bool refused = fixture->desk.last.status == STATUS_RESOURCE_EXHAUSTED ||
                   fixture->desk.last.status == STATUS_UNAVAILABLE;
    assert_true(refused);
    assert_true(strlen(fixture->desk.last.detail) > 20);
    assert_non_null(strstr(fixture->desk.last.detail, min_free_bytes > 1 ? "disk" : "space"));
    expect_reads(fixture, 1500); /* it looks for room several times meanwhile */
    expect_all_there(fixture);
    assert_false(try_save(fixture, 99999));
    assert_int_equal(fixture->desk.last.status, STATUS_RESOURCE_EXHAUSTED);
    assert_non_null(strstr(fixture->desk.last.detail, "the disk is nearly full"));
    assert_string_equal(desk_count(&fixture->desk)->store_state, "read_only");
    assert_non_null(strstr(desk_count(&fixture->desk)->store_reason, "free"));

    unlink(fixture->filler);
    expect_writable_again(fixture);
    expect_all_there(fixture);

    end(fixture);
    desk_service_start_with(&fixture->service, fixture->path, min_free_bytes);
    desk_open(&fixture->desk, fixture->service.endpoint);
    expect_all_there(fixture);
    assert_true(desk_count(&fixture->desk)->entries >= fixture->count);
    end(fixture);
}

static void
below_the_watermark_saves_are_refused_and_come_back(void **state)
{
    refuse_and_return(*state, 4 << 20, 5 << 20);
}

static void
a_disk_that_is_really_full_loses_nothing(void **state)
{
    refuse_and_return(*state, 1, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            below_the_watermark_saves_are_refused_and_come_back, setup, teardown),
        cmocka_unit_test_setup_teardown(a_disk_that_is_really_full_loses_nothing, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
