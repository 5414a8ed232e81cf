/* What was acknowledged survives kill -9 of the real program; one process has the store. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/context-svc/desk.h"
#include "tests/context-svc/program.h"

enum { SAVES = 100 };

struct fixture {
    struct service_process process;
    struct desk desk;
    char folder[64];
};

static int
setup(void **state)
{
    static struct fixture fixture;
    folder_make(fixture.folder);
    service_process_start(&fixture.process, fixture.folder, NULL);
    desk_open(&fixture.desk, fixture.process.endpoint);
    *state = &fixture;
    return 0;
}

static int
teardown(void **state)
{
    struct fixture *fixture = *state;
    desk_close(&fixture->desk);
    if (fixture->process.pid)
        service_process_end(&fixture->process, SIGKILL);
    folder_remove(fixture->folder);
    return 0;
}

static void
restart(struct fixture *fixture)
{
    desk_close(&fixture->desk);
    service_process_start(&fixture->process, fixture->folder, NULL);
    desk_open(&fixture->desk, fixture->process.endpoint);
}

/* The content of each save is made of its number. */
static void
send_save(struct desk *desk, struct question *question, size_t number)
{
    char text[64];
    snprintf(text, sizeof text, "durable memory number%zu of many", number);
    Forge__SaveRequest request = FORGE__SAVE_REQUEST__INIT;
    request.project = word("atlas");
    request.content = text_bytes(text);
    desk_send(desk, question, &forge__context__descriptor, "Save", &request);
}

static void
parallel_saves_survive_kill_9(void **state)
{
    struct fixture *fixture = *state;
    static struct question questions[SAVES];
    for (size_t i = 0; i < SAVES; i++)
        send_save(&fixture->desk, &questions[i], i);
    desk_wait(&fixture->desk, questions, SAVES);

    assert_int_equal(service_process_end(&fixture->process, SIGKILL), -SIGKILL);
    restart(fixture);

    assert_int_equal(desk_count(&fixture->desk)->entries, SAVES);
    assert_int_equal(desk_count(&fixture->desk)->sequence, SAVES);
    for (size_t i = 0; i < SAVES; i++) {
        assert_int_equal(questions[i].status, STATUS_OK);
        Forge__SaveReply *saved = (Forge__SaveReply *)questions[i].reply;
        Forge__Entry *entry = desk_get(&fixture->desk, saved->id);
        assert_non_null(entry);
        char text[64];
        snprintf(text, sizeof text, "durable memory number%zu of many", i);
        assert_true(bytes_are(entry->content, text));
        question_release(&questions[i]);
    }
    assert_int_equal(desk_search(&fixture->desk, "number42")->n_hits, 1);
}

/* Killed while it writes: every acknowledged save is there, whatever became of the others. */
static void
a_kill_in_the_middle_loses_nothing_acknowledged(void **state)
{
    struct fixture *fixture = *state;
    static struct question questions[SAVES];
    static struct kept_id acknowledged[SAVES * 4];
    size_t count = 0;
    for (int round = 0; round < 4; round++) {
        for (size_t i = 0; i < SAVES; i++)
            send_save(&fixture->desk, &questions[i], (size_t)round * SAVES + i);
        desk_turn(&fixture->desk, 15 * (round + 1));
        service_process_end(&fixture->process, SIGKILL);
        desk_wait(&fixture->desk, questions, SAVES);
        for (size_t i = 0; i < SAVES; i++) {
            if (questions[i].reply)
                acknowledged[count++] = keep_id(((Forge__SaveReply *)questions[i].reply)->id);
            question_release(&questions[i]);
        }
        restart(fixture);
    }

    Forge__CountReply *counted = desk_count(&fixture->desk);
    assert_true(counted->entries >= count);
    assert_int_equal(counted->sequence, counted->entries);
    for (size_t i = 0; i < count; i++)
        assert_non_null(desk_get(&fixture->desk, id_bytes(&acknowledged[i])));
}

static void
a_repeat_after_a_kill_finds_the_first_reply(void **state)
{
    struct fixture *fixture = *state;
    static const uint8_t key[16] = "killed in betwee";
    fixture->desk.key = key;
    struct kept_id id = keep_id(desk_save(&fixture->desk, "atlas", "Once")->id);
    service_process_end(&fixture->process, SIGKILL);
    restart(fixture);

    fixture->desk.key = key;
    Forge__SaveReply *again = desk_save(&fixture->desk, "atlas", "Once");

    assert_memory_equal(again->id.data, id.bytes, 16);
    assert_int_equal(again->outcome, FORGE__SAVE_OUTCOME__CREATED);
}

static void
a_second_process_on_the_same_folder_exits_69(void **state)
{
    struct fixture *fixture = *state;
    desk_save(&fixture->desk, "atlas", "First come");
    struct service_process second;

    service_process_start(&second, fixture->folder, NULL);

    assert_int_equal(service_process_wait(&second), 69);
    assert_true(service_process_logged(&second, "in use by another process"));
    desk_save(&fixture->desk, "atlas", "Still served");
}

static void
an_empty_folder_is_refused_when_a_store_is_required(void **state)
{
    (void)state;
    char folder[64];
    folder_make(folder);
    struct service_process process;

    service_process_start(&process, folder, "--require-existing");

    assert_int_equal(service_process_wait(&process), 69);
    folder_remove(folder);
}

static void
it_ends_in_order_when_asked(void **state)
{
    struct fixture *fixture = *state;
    desk_save(&fixture->desk, "atlas", "Kept");

    assert_int_equal(service_process_end(&fixture->process, SIGTERM), 0);

    restart(fixture);
    assert_int_equal(desk_count(&fixture->desk)->entries, 1);
}

int
main(void)
{
#define DURABILITY_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        DURABILITY_TEST(parallel_saves_survive_kill_9),
        DURABILITY_TEST(a_kill_in_the_middle_loses_nothing_acknowledged),
        DURABILITY_TEST(a_repeat_after_a_kill_finds_the_first_reply),
        DURABILITY_TEST(a_second_process_on_the_same_folder_exits_69),
        cmocka_unit_test(an_empty_folder_is_refused_when_a_store_is_required),
        DURABILITY_TEST(it_ends_in_order_when_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
