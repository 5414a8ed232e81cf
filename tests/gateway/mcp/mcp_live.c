#include "tests/gateway/mcp/mcp_live.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/clock.h"
#include "common/base/memory.h"
#include "tests/gateway/fakes/tool_runner.h"

static void
handle(void *argument, struct http_exchange *exchange)
{
    struct mcp_live *self = argument;
    struct mcp *mcp = self->use_other ? self->other : self->mcp;
    if (!self->use_api) {
        mcp_handle(mcp, exchange);
        return;
    }
    struct text path = http_exchange_path(exchange);
    struct text prefix = TEXT("/api/v1/tools/");
    bool named = text_starts_with(path, prefix);
    tool_api_handle(mcp, exchange,
        named ? text_from(path.data + prefix.length, path.length - prefix.length) : TEXT(""));
}

static void
write_status(void *argument, struct json_writer *writer)
{
    (void)argument;
    json_write_raw(writer, TEXT("{\"ready\":true}"));
}

int
mcp_live_setup(void **state)
{
    struct mcp_live *self = memory_new(sizeof *self);
    fake_backends_init(&self->fake);
    snprintf(self->folder, sizeof self->folder, "/tmp/mcp-live-XXXXXX");
    assert_non_null(mkdtemp(self->folder));
    char path[96];
    snprintf(path, sizeof path, "%s/keys", self->folder);
    struct problem problem = {""};
    assert_int_equal(mcp_session_keys_open(path, true, &self->keys, &problem), STATUS_OK);
    self->registry = mcp_session_registry_create();
    struct mcp_options options = {
        .backends = &self->fake.backends,
        .session_keys = self->keys,
        .sessions = self->registry,
        .server_version = "1.2.3",
        .principal = {TEXT("local"), TEXT("default"), ROLE_READER | ROLE_WRITER | ROLE_OPERATOR},
        .gateway = "gw-1",
        .status = write_status,
    };
    live_init(&self->live);
    options.metrics = self->live.metrics;
    self->mcp = mcp_create(&options);
    options.principal.name = TEXT("sam");
    self->other = mcp_create(&options);
    self->live.options.handler = handle;
    self->live.options.argument = self;
    live_listen(&self->live);
    *state = self;
    return 0;
}

int
mcp_live_teardown(void **state)
{
    struct mcp_live *self = *state;
    char path[96];
    mcp_live_hang_up(self, false);
    fake_backends_release(&self->fake);
    live_stop(&self->live);
    mcp_destroy(&self->mcp);
    mcp_destroy(&self->other);
    mcp_session_registry_destroy(&self->registry);
    mcp_session_keys_close(&self->keys);
    fake_backends_release_all(&self->fake);
    snprintf(path, sizeof path, "%s/keys", self->folder);
    unlink(path);
    rmdir(self->folder);
    buffer_release(&self->head);
    buffer_release(&self->body);
    free(self);
    return 0;
}

void
mcp_live_send(struct mcp_live *self, const char *method, const char *target, const char *headers,
    const char *body)
{
    if (!self->connected)
        client_open(&self->client, &self->live);
    self->connected = true;
    CLEANUP(buffer_release) struct buffer request = {0};
    buffer_format(&request, "%s %s HTTP/1.1\r\nHost: localhost\r\n", method, target);
    buffer_add_text(&request, text_of(headers));
    if (body)
        buffer_format(&request, "Content-Length: %zu\r\n", strlen(body));
    buffer_add_text(&request, TEXT("\r\n"));
    buffer_add_text(&request, text_of(body));
    assert_true(client_send(&self->client, buffer_text(&request)));
}

int
mcp_live_answer(struct mcp_live *self)
{
    struct answer answer = client_answer(&self->client, false);
    self->status = answer.status;
    buffer_clear(&self->head);
    buffer_add_text(&self->head, answer.head);
    buffer_string(&self->head);
    buffer_clear(&self->body);
    buffer_add_text(&self->body, answer.body);
    buffer_string(&self->body);
    /* Refusals end the connection. */
    if (strstr(self->head.data, "Connection: close"))
        mcp_live_hang_up(self, false);
    return self->status;
}

void
mcp_live_hang_up(struct mcp_live *self, bool half)
{
    if (!self->connected)
        return;
    if (half) {
        shutdown(self->client.fd, SHUT_WR);
        return;
    }
    client_close(&self->client);
    self->connected = false;
}

int
mcp_live_ask(struct mcp_live *self, const char *method, const char *target, const char *headers,
    const char *body)
{
    mcp_live_send(self, method, target, headers, body);
    return mcp_live_answer(self);
}

int
mcp_live_post(struct mcp_live *self, const char *headers, const char *body)
{
    CLEANUP(buffer_release) struct buffer all = {0};
    buffer_format(&all, "Content-Type: application/json\r\n%s", headers);
    return mcp_live_ask(self, "POST", "/mcp", buffer_string(&all), body);
}

void
mcp_live_wait_calls(struct mcp_live *self, size_t count)
{
    int64_t deadline_ms = clock_monotonic_ms() + 5000;
    while (self->fake.call_count < count && clock_monotonic_ms() < deadline_ms)
        live_turn(&self->live);
    assert_true(self->fake.call_count >= count);
}

const char *
mcp_live_json(struct mcp_live *self, const char *path)
{
    return json_at(self->body.data, path);
}

void
assert_json(struct mcp_live *self, const char *path, const char *expected)
{
    const char *found = mcp_live_json(self, path);
    if (!found || strcmp(found, expected) != 0)
        fail_msg(
            "%s is %s, not %s, in %s", path, found ? found : "absent", expected, self->body.data);
}

const char *
mcp_live_header(struct mcp_live *self, const char *name)
{
    static char value[512];
    struct answer answer = {.status = self->status, .head = buffer_text(&self->head)};
    struct text found = answer_header(&answer, name);
    snprintf(value, sizeof value, "%.*s", TEXT_FORMAT(found));
    return value;
}

const char *
mcp_live_session(struct mcp_live *self, const char *version)
{
    static char line[256];
    char body[256];
    snprintf(body, sizeof body,
        "{\"method\":\"initialize\",\"params\":{\"protocolVersion\":\"%s\",\"capabilities\":{},"
        "\"clientInfo\":{\"name\":\"v1-probe\",\"version\":\"0.1.0\"}},\"jsonrpc\":\"2.0\","
        "\"id\":0}",
        version);
    assert_int_equal(mcp_live_post(self, "", body), 200);
    snprintf(line, sizeof line, "Mcp-Session-Id: %s\r\n", mcp_live_header(self, "mcp-session-id"));
    return line;
}
