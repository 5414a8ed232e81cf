#include "tests/forgectl/bridge_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cmocka.h>

#include "forgectl/bridge/bridge.h"

static struct answerer *server;
static char *printed;
static unsigned sessions; /* opened by the answerer, in its thread */
static size_t stop_at_bytes;
static int out_ends[2];

bool
bridge_body_has(const struct answerer_request *request, const char *words)
{
    return request->body.length > 0 &&
           memmem(request->body.data, request->body.length, words, strlen(words)) != NULL;
}

static void
answer_json(struct buffer *answer, const char *body)
{
    answerer_write(answer, "200 OK", "application/json", "", text_of(body));
}

static enum answerer_way
answer_stream(struct buffer *answer, const char *events)
{
    buffer_format(answer,
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n%s",
        events);
    return ANSWER_LAST;
}

/* A gateway of few words: what it does depends on the method that a request names. */
static enum answerer_way
on_request(void *argument, const struct answerer_request *request, struct buffer *answer)
{
    (void)argument;
    char header[64];
    if (text_is(request->method, "DELETE")) {
        answerer_write(answer, "200 OK", "text/plain", "", TEXT(""));
        return ANSWER_NOW;
    }
    if (bridge_body_has(request, "\"initialize\"")) {
        sessions++;
        (void)snprintf(header, sizeof(header), "Mcp-Session-Id: s-%u\r\n", sessions);
        answerer_write(answer, "200 OK", "application/json", header, TEXT(INITIALIZED));
        return ANSWER_NOW;
    }
    if (bridge_body_has(request, "notifications/")) {
        answerer_write(answer, "202 Accepted", "text/plain", "", TEXT(""));
        return ANSWER_NOW;
    }
    if (bridge_body_has(request, "\"slow\"")) {
        answer_json(answer, JSON_RPC "\"id\":1,\"result\":\"slow\"}");
        return ANSWER_HOLD;
    }
    if (bridge_body_has(request, "\"stream\""))
        return answer_stream(answer,
            "event: message\ndata: " JSON_RPC "\"method\":\"notifications/progress\"}\n\n"
            ": keepalive\n\ndata: " JSON_RPC "\"id\":3,\"result\":\"streamed\"}\n\n");
    if (bridge_body_has(request, "\"broken\"") || bridge_body_has(request, "subscriptions/listen"))
        return answer_stream(answer, "data: " JSON_RPC "\"method\":\"notifications/ack\"}\n\n");
    if (bridge_body_has(request, "\"lost\"") &&
        !text_is(answerer_header(request, "mcp-session-id"), "s-2")) {
        answerer_write(answer, "404 Not Found", "application/json", "",
            TEXT(JSON_RPC "\"id\":null,\"error\":{\"code\":-32001,\"message\":\"gone\"}}"));
        return ANSWER_NOW;
    }
    if (bridge_body_has(request, "\"refused\"")) {
        answerer_write(answer, "400 Bad Request", "application/json", "",
            TEXT(JSON_RPC "\"error\":{\"code\":-32020,\"message\":\"mismatch\"}}"));
        return ANSWER_NOW;
    }
    if (bridge_body_has(request, "\"denied\"")) {
        answerer_write(answer, "401 Unauthorized", "application/json", "",
            TEXT("{\"error\":{\"code\":\"unauthenticated\",\"message\":\"no token\"}}"));
        return ANSWER_NOW;
    }
    if (bridge_body_has(request, "\"html\"")) {
        answerer_write(answer, "200 OK", "text/html", "", TEXT("<html>"));
        return ANSWER_NOW;
    }
    if (bridge_body_has(request, "\"hang up\""))
        return ANSWER_CLOSE;
    if (bridge_body_has(request, "\"never\""))
        return ANSWER_HOLD;
    answer_json(answer, JSON_RPC "\"id\":2,\n\"result\":\"plain\"}");
    return ANSWER_NOW;
}

int
bridge_set_up(void **state)
{
    (void)state;
    sessions = 0;
    stop_at_bytes = 0;
    server = answerer_start(on_request, NULL);
    return 0;
}

int
bridge_tear_down(void **state)
{
    (void)state;
    answerer_destroy(&server);
    free(printed);
    printed = NULL;
    return 0;
}

static bool
must_stop(void *argument)
{
    (void)argument;
    int there = 0;
    return stop_at_bytes > 0 && ioctl(out_ends[0], FIONREAD, &there) == 0 && there > 0 &&
           (size_t)there >= stop_at_bytes;
}

/* Runs the bridge over these lines and gives what it printed. With ends_input unset the input stays
 * open, and stop_at_bytes ends the bridge. */
static const char *
run(const char *input, bool ends_input, int64_t timeout_ms)
{
    int in_ends[2];
    assert_int_equal(pipe(in_ends), 0);
    assert_int_equal(pipe(out_ends), 0);
    assert_int_equal(write(in_ends[1], input, strlen(input)), strlen(input));
    if (ends_input)
        (void)close(in_ends[1]);
    CLEANUP(buffer_release) struct buffer endpoint = {0};
    buffer_format(&endpoint, "%s/mcp", answerer_url(server));
    const struct bridge_options options = {
        .url = buffer_string(&endpoint),
        .timeout_ms = timeout_ms,
        .in_fd = in_ends[0],
        .out_fd = out_ends[1],
        .must_stop = must_stop,
        .wake_fd = out_ends[0], /* readable when there is output to count */
    };
    bridge_run(&options);
    (void)close(out_ends[1]);
    (void)close(in_ends[0]);
    if (!ends_input)
        (void)close(in_ends[1]);
    free(printed);
    printed = calloc(1, 65536);
    assert_true(read(out_ends[0], printed, 65535) >= 0);
    (void)close(out_ends[0]);
    return printed;
}

const char *
bridge_lines(const char *input)
{
    return run(input, true, 5000);
}

const char *
bridge_lines_within(const char *input, int64_t timeout_ms)
{
    return run(input, true, timeout_ms);
}

const char *
bridge_open_lines(const char *input, size_t stop_at)
{
    stop_at_bytes = stop_at;
    return run(input, false, 5000);
}

unsigned
bridge_sessions(void)
{
    return sessions;
}

void
bridge_stop(void)
{
    answerer_stop(server);
}

size_t
bridge_request_count(void)
{
    return answerer_count(server);
}

const struct answerer_request *
bridge_request(size_t index)
{
    return answerer_get(server, index);
}
