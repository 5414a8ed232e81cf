/* verb_fixture: a verb run against an answerer that gives one answer to everything. */
#pragma once

#include "tests/forgectl/answerer.h"
#include "tests/forgectl/cli_run.h"

#define RUN(...) cli_run((const char *const[]){__VA_ARGS__, NULL}, NULL)

/* Starts the answerer and points FORGE_URL at it. */
int verb_set_up(void **state);
int verb_tear_down(void **state);

/* What is answered from now on; the strings are borrowed. */
void verb_answer(const char *status_line, const char *body);
/* From now on nothing is answered. */
void verb_hold(void);

const char *verb_url(void);

/* Holds the result against what is expected, and releases it. */
void verb_expect(struct cli_result result, int code, const char *out, const char *err);

/* Stops the answerer and holds its only request against path and body. */
void verb_expect_body(const char *path, const char *body);

/* Stops the answerer; then its requests can be read. */
void verb_stop(void);
size_t verb_request_count(void);
const struct answerer_request *verb_request(size_t index);
