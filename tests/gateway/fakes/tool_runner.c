#include "tests/gateway/fakes/tool_runner.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/base/memory.h"
#include "common/json/reader.h"

enum { ARENA_BYTES = 4 << 20 };

int
tool_runner_setup(void **state)
{
    struct tool_runner *self = memory_new(sizeof *self);
    fake_backends_init(&self->fake);
    arena_init(&self->arena, ARENA_BYTES);
    self->principal = (struct rpc_principal){
        TEXT("sam"), TEXT("default"), ROLE_READER | ROLE_WRITER | ROLE_OPERATOR};
    *state = self;
    return 0;
}

int
tool_runner_teardown(void **state)
{
    struct tool_runner *self = *state;
    fake_backends_release_all(&self->fake);
    arena_release(&self->arena);
    buffer_release(&self->scratch);
    buffer_release(&self->json);
    free(self);
    return 0;
}

static void
on_done(struct tool_call *call)
{
    struct tool_runner *self = call->argument;
    self->done++;
    self->failed = call->failed;
    self->status = call->status;
    snprintf(self->words, sizeof self->words, "%s", call->failed ? call->words : "");
    buffer_clear(&self->json);
    buffer_add_text(&self->json, buffer_text(&self->scratch));
    buffer_string(&self->json);
}

void
tool_runner_start(struct tool_runner *self, const char *tool, const char *arguments)
{
    arena_reset(&self->arena);
    self->done = 0;
    self->call = (struct tool_call){
        .rpc = {.principal = self->principal},
        .backends = &self->fake.backends,
        .arena = &self->arena,
        .out = &self->scratch,
        .idempotency_key = self->header_key,
        .batch_place = self->batch_place,
        .client = TEXT("claude-code"),
        .default_timeout_ms = 10000,
        .on_done = on_done,
        .argument = self,
    };
    const struct tool *row = tool_find(text_of(tool));
    assert_non_null(row);
    tool_call_start(&self->call, row, text_of(arguments));
}

const char *
tool_runner_result(struct tool_runner *self, const char *tool, const char *arguments)
{
    tool_runner_start(self, tool, arguments);
    assert_int_equal(self->done, 1);
    if (self->failed)
        fail_msg("%s failed: %s", tool, self->words);
    struct json_reader reader;
    json_reader_init(&reader, buffer_text(&self->json));
    assert_true(json_skip(&reader) && json_reader_end(&reader));
    return self->json.data;
}

const char *
tool_runner_refusal(struct tool_runner *self, const char *tool, const char *arguments)
{
    size_t calls = self->fake.call_count;
    tool_runner_start(self, tool, arguments);
    assert_int_equal(self->done, 1);
    assert_int_equal(self->fake.call_count, calls);
    if (!self->failed)
        fail_msg("%s took %s", tool, arguments);
    return self->words;
}

/* Enters the member or element that the step names; false when it is not there. */
static bool
step_into(struct json_reader *reader, struct text step)
{
    struct text key;
    if (json_peek(reader) == JSON_OBJECT) {
        json_object_begin(reader);
        while (json_object_next(reader, &key)) {
            if (text_equals(key, step))
                return true;
            json_skip(reader);
        }
        return false;
    }
    int64_t wanted;
    if (json_peek(reader) != JSON_ARRAY || text_to_integer(step, 0, 1 << 20, &wanted))
        return false;
    json_array_begin(reader);
    while (json_array_next(reader)) {
        if (!wanted--)
            return true;
        json_skip(reader);
    }
    return false;
}

const char *
json_at(const char *document, const char *path)
{
    static char found[1 << 20];
    struct json_reader reader;
    json_reader_init(&reader, text_of(document));
    while (*path) {
        size_t length = strcspn(path, ".");
        if (!step_into(&reader, text_from(path, length)))
            return NULL;
        path += length + (path[length] == '.');
    }
    struct text raw;
    if (!json_read_raw(&reader, &raw))
        return NULL;
    snprintf(found, sizeof found, "%.*s", TEXT_FORMAT(raw));
    return found;
}
