/* check: whether what a call brings is within the limits, in words that say what to change.
 *
 * Every check answers STATUS_OK or STATUS_INVALID_ARGUMENT with the problem filled. `what` names
 * the argument as the caller knows it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <protobuf-c/protobuf-c.h>

#include "common/base/problem.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/base/uuid.h"

/* UTF-8 without NUL, at most max bytes. */
enum status context_check_text(
    const char *what, struct text text, size_t max, struct problem *problem) MUST_CHECK;
/* The same, and neither control characters nor line ends: for names and words. */
enum status context_check_word(
    const char *what, struct text text, size_t max, struct problem *problem) MUST_CHECK;
/* Every one a word that is not empty. */
enum status context_check_words(const char *what, char *const *words, size_t count,
    size_t max_count, size_t max, struct problem *problem) MUST_CHECK;
enum status context_check_id(const char *what, ProtobufCBinaryData bytes, struct uuid *id,
    struct problem *problem) MUST_CHECK;
/* A number of forge.Scope; SCOPE_UNSET passes. */
enum status context_check_scope(int scope, struct problem *problem) MUST_CHECK;
/* 0, or after now and within a hundred years. */
enum status context_check_expiry(
    int64_t expires_at_ms, int64_t now_ms, struct problem *problem) MUST_CHECK;
/* 0, or since 1970 and not in the future. */
enum status context_check_created(
    int64_t created_at_ms, int64_t now_ms, struct problem *problem) MUST_CHECK;
