#include "tests/forgectl/verb_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

struct answer {
    const char *status_line;
    const char *body;
    enum answerer_way way;
};

static struct answer current;
static struct answerer *server;

void
verb_answer(const char *status_line, const char *body)
{
    current = (struct answer){status_line, body, ANSWER_NOW};
}

void
verb_hold(void)
{
    current = (struct answer){"200 OK", "{}", ANSWER_HOLD};
}

static enum answerer_way
on_request(void *argument, const struct answerer_request *request, struct buffer *answer)
{
    (void)argument;
    (void)request;
    answerer_write(answer, current.status_line, "application/json", "", text_of(current.body));
    return current.way;
}

int
verb_set_up(void **state)
{
    (void)state;
    server = answerer_start(on_request, NULL);
    return setenv("FORGE_URL", answerer_url(server), 1);
}

int
verb_tear_down(void **state)
{
    (void)state;
    answerer_destroy(&server);
    return 0;
}

const char *
verb_url(void)
{
    return answerer_url(server);
}

void
verb_stop(void)
{
    answerer_stop(server);
}

size_t
verb_request_count(void)
{
    return answerer_count(server);
}

const struct answerer_request *
verb_request(size_t index)
{
    return answerer_get(server, index);
}

void
verb_expect(struct cli_result result, int code, const char *out, const char *err)
{
    assert_string_equal(result.out, out);
    assert_string_equal(result.err, err);
    assert_int_equal(result.code, code);
    cli_result_release(&result);
}

void
verb_expect_body(const char *path, const char *body)
{
    answerer_stop(server);
    assert_int_equal(answerer_count(server), 1);
    const struct answerer_request *request = answerer_get(server, 0);
    assert_true(text_is(request->path, path));
    assert_true(text_is(request->method, "POST"));
    assert_true(text_is(answerer_header(request, "content-type"), "application/json"));
    char *copy = text_copy(request->body);
    assert_string_equal(copy, body);
    free(copy);
}
