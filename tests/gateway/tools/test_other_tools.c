#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "backup.pb-c.h"
#include "context.pb-c.h"
#include "metrics.pb-c.h"
#include "session.pb-c.h"

#include "common/base/uuid.h"
#include "tests/gateway/fakes/tool_runner.h"

static char *
words(const char *literal)
{
    return (char *)literal;
}

static ProtobufCBinaryData
bytes(const char *literal)
{
    return (ProtobufCBinaryData){strlen(literal), (uint8_t *)literal};
}

static Forge__WorkSession
session(void)
{
    static char *steps[] = {(char *)"write the test"};
    Forge__WorkSession made = FORGE__WORK_SESSION__INIT;
    made.handle = words("w-4f2a");
    made.project = words("shop");
    made.task = words("make retries safe");
    made.author = words("sam");
    made.started_at_ms = 1795505529150;
    made.touched_at_ms = 1795505529150;
    made.summary = bytes("half done");
    made.next_steps = steps;
    made.n_next_steps = 1;
    made.checkpoints = 2;
    return made;
}

static void
session_start_gives_handle_state_and_briefing(void **state)
{
    struct tool_runner *runner = *state;
    Forge__WorkSession open = session();
    Forge__BriefReply brief = FORGE__BRIEF_REPLY__INIT;
    Forge__BriefItem item = FORGE__BRIEF_ITEM__INIT;
    Forge__BriefItem *items[] = {&item};
    item.text = bytes("use jitter");
    brief.items = items;
    brief.n_items = 1;
    Forge__SessionStartReply reply = FORGE__SESSION_START_REPLY__INIT;
    reply.session = &open;
    reply.resumed = 1;
    reply.brief = &brief;
    fake_backends_answer(&runner->fake, "Start", &reply.base);

    const char *json = tool_runner_result(runner, "session_start",
        "{\"project\":\"shop\",\"task\":\"make retries safe\",\"branch\":\"main\",\"resume\":"
        "\"w-4f2a\"}");

    assert_string_equal(json_at(json, "session"), "\"w-4f2a\"");
    assert_string_equal(json_at(json, "resumed"), "true");
    assert_string_equal(json_at(json, "summary"), "\"half done\"");
    assert_string_equal(json_at(json, "next_steps.0"), "\"write the test\"");
    assert_string_equal(json_at(json, "brief.items.0.text"), "\"use jitter\"");
    const struct fake_call *call = fake_backends_last(&runner->fake, "Start");
    const Forge__SessionStartRequest *request = (const Forge__SessionStartRequest *)call->request;
    assert_string_equal(request->resume, "w-4f2a");
    assert_string_equal(request->client, "claude-code");
    assert_true(call->has_key);
    assert_non_null(
        strstr(tool_runner_refusal(runner, "session_start", "{}"), "\"project\" is missing"));
}

static void
checkpoint_and_end_pass_their_lists(void **state)
{
    struct tool_runner *runner = *state;
    Forge__WorkSession open = session();
    Forge__SessionCheckpointReply checkpointed = FORGE__SESSION_CHECKPOINT_REPLY__INIT;
    checkpointed.session = &open;
    fake_backends_answer(&runner->fake, "Checkpoint", &checkpointed.base);
    uint8_t id[UUID_SIZE] = {1, 2, 3};
    ProtobufCBinaryData kept[] = {{UUID_SIZE, id}};
    Forge__SessionEndReply ended = FORGE__SESSION_END_REPLY__INIT;
    ended.session = &open;
    ended.kept_ids = kept;
    ended.n_kept_ids = 1;
    fake_backends_answer(&runner->fake, "End", &ended.base);

    const char *json = tool_runner_result(runner, "session_checkpoint",
        "{\"handle\":\"w-4f2a\",\"summary\":\"s\",\"next_steps\":[\"a\\nb\"],\"files\":[\"x.c\"]}");
    assert_string_equal(json_at(json, "checkpoints"), "2");
    assert_string_equal(json_at(json, "durable"), "true");
    const Forge__SessionCheckpointRequest *checkpoint =
        (const Forge__SessionCheckpointRequest *)fake_backends_last(&runner->fake, "Checkpoint")
            ->request;
    assert_string_equal(checkpoint->handle, "w-4f2a");
    assert_string_equal(checkpoint->next_steps[0], "a\nb");
    assert_string_equal(checkpoint->files[0], "x.c");

    json = tool_runner_result(
        runner, "session_end", "{\"session\":\"w-4f2a\",\"outcome\":\"done\",\"keep\":[\"k1\"]}");
    assert_string_equal(json_at(json, "kept.0"), "\"01020300-0000-0000-0000-000000000000\"");
    const Forge__SessionEndRequest *end =
        (const Forge__SessionEndRequest *)fake_backends_last(&runner->fake, "End")->request;
    assert_int_equal(end->n_keep, 1);
    assert_memory_equal(end->keep[0].data, "k1", 2);
}

static void
session_list_filters(void **state)
{
    struct tool_runner *runner = *state;
    Forge__WorkSession open = session();
    Forge__WorkSession *sessions[] = {&open};
    Forge__SessionListReply reply = FORGE__SESSION_LIST_REPLY__INIT;
    reply.sessions = sessions;
    reply.n_sessions = 1;
    fake_backends_answer(&runner->fake, "List", &reply.base);

    const char *json =
        tool_runner_result(runner, "session_list", "{\"author\":\"sam\",\"active\":true}");

    assert_string_equal(json_at(json, "sessions.0.session"), "\"w-4f2a\"");
    assert_string_equal(json_at(json, "sessions.0.summary"), "\"half done\"");
    const struct fake_call *call = fake_backends_last(&runner->fake, "List");
    assert_string_equal(call->service, "Session");
    const Forge__SessionListRequest *request = (const Forge__SessionListRequest *)call->request;
    assert_string_equal(request->author, "sam");
    assert_true(request->active);
}

static Forge__BackupInfo
backup(void)
{
    Forge__BackupInfo made = FORGE__BACKUP_INFO__INIT;
    made.id = words("20261124T073215Z-1a2b3c4d");
    made.state = FORGE__BACKUP_STATE__COMPLETE;
    made.started_at_ms = 1795505529150;
    made.bytes = 4096;
    return made;
}

static void
backup_tools_run_list_verify_and_restore(void **state)
{
    struct tool_runner *runner = *state;
    Forge__BackupInfo info = backup();
    Forge__BackupInfo *infos[] = {&info};
    Forge__BackupRunReply run = FORGE__BACKUP_RUN_REPLY__INIT;
    run.backup = &info;
    Forge__BackupListReply list = FORGE__BACKUP_LIST_REPLY__INIT;
    list.backups = infos;
    list.n_backups = 1;
    list.folder = words("/opt/backups");
    char *problems[] = {words("context: checksum differs")};
    Forge__BackupVerifyReply verify = FORGE__BACKUP_VERIFY_REPLY__INIT;
    verify.problems = problems;
    verify.n_problems = 1;
    Forge__BackupRestoreReply restore = FORGE__BACKUP_RESTORE_REPLY__INIT;
    restore.records = 12;
    fake_backends_answer(&runner->fake, "Run", &run.base);
    fake_backends_answer(&runner->fake, "List", &list.base);
    fake_backends_answer(&runner->fake, "Verify", &verify.base);
    fake_backends_answer(&runner->fake, "Restore", &restore.base);

    const char *json = tool_runner_result(runner, "backup_run", "{\"note\":\"before\"}");
    assert_string_equal(json_at(json, "backup.state"), "\"complete\"");
    assert_true(fake_backends_last(&runner->fake, "Run")->remaining_ms > 50000);
    json = tool_runner_result(runner, "backup_list", "{\"limit\":5}");
    assert_string_equal(json_at(json, "backups.0.bytes"), "4096");
    assert_string_equal(json_at(json, "folder"), "\"/opt/backups\"");
    json = tool_runner_result(runner, "backup_verify", "{}");
    assert_string_equal(json_at(json, "good"), "false");
    assert_string_equal(json_at(json, "problems.0"), "\"context: checksum differs\"");
    json = tool_runner_result(runner, "backup_restore", "{\"id\":\"b-1\",\"confirm\":\"b-1\"}");
    assert_string_equal(json_at(json, "records"), "12");
}

static void
backup_restore_wants_the_id_twice(void **state)
{
    struct tool_runner *runner = *state;

    const char *refusal =
        tool_runner_refusal(runner, "backup_restore", "{\"id\":\"b-1\",\"confirm\":\"yes\"}");

    assert_non_null(strstr(refusal, "confirm must repeat the id"));
    assert_non_null(strstr(refusal, "nothing was restored"));
}

static void
metrics_query_passes_range_and_node(void **state)
{
    struct tool_runner *runner = *state;
    Forge__Point point = FORGE__POINT__INIT;
    Forge__Point *points[] = {&point};
    point.at_ms = 1795505529150;
    point.value = 1.5;
    Forge__Series series = FORGE__SERIES__INIT;
    Forge__Series *all[] = {&series};
    series.name = words("forge_tool_calls_total");
    series.points = points;
    series.n_points = 1;
    Forge__QueryReply reply = FORGE__QUERY_REPLY__INIT;
    reply.series = all;
    reply.n_series = 1;
    reply.aggregation = words("rate");
    reply.step_ms = 15000;
    fake_backends_answer(&runner->fake, "Query", &reply.base);

    const char *json = tool_runner_result(runner, "metrics_query",
        "{\"metric\":\"forge_tool_calls_total\",\"since\":\"1h\",\"step\":15,\"agg\":\"rate\","
        "\"node\":\"gw-1\",\"program\":\"mcp_server\"}");

    assert_string_equal(json_at(json, "series.0.points.0"), "[\"2026-11-24T07:32:09.150Z\",1.5]");
    assert_string_equal(json_at(json, "step_seconds"), "15");
    const Forge__QueryRequest *request =
        (const Forge__QueryRequest *)fake_backends_last(&runner->fake, "Query")->request;
    assert_int_equal(request->step_ms, 15000);
    assert_string_equal(request->aggregation, "rate");
    assert_int_equal(request->n_labels, 2);
    assert_string_equal(request->labels[0]->name, "host");
    assert_string_equal(request->labels[0]->value, "gw-1");
    assert_string_equal(request->labels[1]->value, "mcp_server");
    assert_non_null(strstr(tool_runner_refusal(runner, "metrics_query",
                               "{\"metric\":\"m\",\"since\":\"1h\",\"until\":\"2h\"}"),
        "before \"until\""));
    assert_non_null(strstr(
        tool_runner_refusal(runner, "metrics_query", "{\"metric\":\"m\",\"agg\":\"median\"}"),
        "one of: avg, min, max"));
}

static void
write_health(void *argument, struct json_writer *writer)
{
    (void)argument;
    json_write_raw(writer, TEXT("{\"ready\":true}"));
}

static void
forge_status_names_what_is_down_and_shows_the_rest(void **state)
{
    struct tool_runner *runner = *state;
    Forge__CountReply count = FORGE__COUNT_REPLY__INIT;
    count.entries = 42;
    count.store_state = words("writable");
    fake_backends_answer(&runner->fake, "Count", &count.base);
    Forge__BackupInfo info = backup();
    Forge__BackupInfo *infos[] = {&info};
    Forge__BackupListReply list = FORGE__BACKUP_LIST_REPLY__INIT;
    list.backups = infos;
    list.n_backups = 1;
    fake_backends_answer(&runner->fake, "List", &list.base);
    fake_backends_fail(
        &runner->fake, "Status", STATUS_UNAVAILABLE, OUTCOME_NONE, "no peer is connected");

    const char *json = tool_runner_result(runner, "forge_status", "{}");

    assert_string_equal(json_at(json, "status"), "\"degraded\"");
    assert_string_equal(json_at(json, "services.context-svc.up"), "true");
    assert_string_equal(json_at(json, "services.metrics-svc.up"), "false");
    assert_string_equal(
        json_at(json, "services.metrics-svc.reason"), "\"unavailable: no peer is connected\"");
    assert_string_equal(json_at(json, "contexts.entries"), "42");
    assert_string_equal(json_at(json, "last_backup.id"), "\"20261124T073215Z-1a2b3c4d\"");
}

static void
forge_status_is_whole_while_answers_come_late(void **state)
{
    struct tool_runner *runner = *state;
    Forge__CountReply count = FORGE__COUNT_REPLY__INIT;
    Forge__StatusReply status = FORGE__STATUS_REPLY__INIT;
    Forge__ProgramStatus program = FORGE__PROGRAM_STATUS__INIT;
    Forge__ProgramStatus *programs[] = {&program};
    program.program = words("context-svc");
    program.rss_bytes = 1e6;
    status.programs = programs;
    status.n_programs = 1;
    Forge__BackupListReply list = FORGE__BACKUP_LIST_REPLY__INIT;
    fake_backends_answer(&runner->fake, "Count", &count.base);
    fake_backends_answer(&runner->fake, "Status", &status.base);
    fake_backends_answer(&runner->fake, "List", &list.base);
    runner->fake.hold = true;
    tool_runner_start(runner, "forge_status", "{\"verbose\":true}");
    assert_int_equal(runner->done, 0);
    assert_int_equal(runner->fake.call_count, 3);
    runner->call.write_health = write_health;

    fake_backends_release(&runner->fake);

    assert_int_equal(runner->done, 1);
    assert_string_equal(json_at(runner->json.data, "status"), "\"ok\"");
    assert_string_equal(json_at(runner->json.data, "gateway.ready"), "true");
    assert_string_equal(json_at(runner->json.data, "programs.0.program"), "\"context-svc\"");
}

static void
forge_status_can_be_cancelled(void **state)
{
    struct tool_runner *runner = *state;
    runner->fake.hold = true;
    tool_runner_start(runner, "forge_status", "{}");

    tool_call_cancel(&runner->call);
    fake_backends_release(&runner->fake);

    assert_int_equal(runner->done, 1);
    for (size_t i = 0; i < 3; i++)
        assert_true(runner->fake.calls[i].cancelled);
}

int
main(void)
{
#define RUNS(test) cmocka_unit_test_setup_teardown(test, tool_runner_setup, tool_runner_teardown)
    const struct CMUnitTest tests[] = {
        RUNS(session_start_gives_handle_state_and_briefing),
        RUNS(checkpoint_and_end_pass_their_lists),
        RUNS(session_list_filters),
        RUNS(backup_tools_run_list_verify_and_restore),
        RUNS(backup_restore_wants_the_id_twice),
        RUNS(metrics_query_passes_range_and_node),
        RUNS(forge_status_names_what_is_down_and_shows_the_rest),
        RUNS(forge_status_is_whole_while_answers_come_late),
        RUNS(forge_status_can_be_cancelled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
