#include "context-svc/check.h"

#include "context.pb-c.h"

static const int64_t day_ms = 86400000;

enum status
context_check_text(const char *what, struct text text, size_t max, struct problem *problem)
{
    if (text.length > max) {
        problem_set(problem, "%s is %zu bytes long, at most %zu are kept: shorten or split it",
            what, text.length, max);
        return STATUS_INVALID_ARGUMENT;
    }
    if (text.length && memchr(text.data, '\0', text.length)) {
        problem_set(problem, "%s holds a NUL character: send text without it", what);
        return STATUS_INVALID_ARGUMENT;
    }
    if (!text_is_utf8(text)) {
        problem_set(problem, "%s is not valid UTF-8: send it as UTF-8 text", what);
        return STATUS_INVALID_ARGUMENT;
    }
    return STATUS_OK;
}

enum status
context_check_word(const char *what, struct text text, size_t max, struct problem *problem)
{
    enum status status = context_check_text(what, text, max, problem);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < text.length; i++) {
        unsigned char byte = (unsigned char)text.data[i];
        if (byte < 0x20 || byte == 0x7F) {
            problem_set(problem, "%s holds a control character: send it as one plain line", what);
            return STATUS_INVALID_ARGUMENT;
        }
    }
    return STATUS_OK;
}

enum status
context_check_words(const char *what, char *const *words, size_t count, size_t max_count,
    size_t max, struct problem *problem)
{
    if (count > max_count) {
        problem_set(problem, "%zu %s are given, at most %zu are allowed", count, what, max_count);
        return STATUS_INVALID_ARGUMENT;
    }
    for (size_t i = 0; i < count; i++) {
        struct text word = text_of(words[i]);
        if (!word.length) {
            problem_set(problem, "one of the %s is empty: leave it out", what);
            return STATUS_INVALID_ARGUMENT;
        }
        enum status status = context_check_word(what, word, max, problem);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

enum status
context_check_id(
    const char *what, ProtobufCBinaryData bytes, struct uuid *id, struct problem *problem)
{
    if (bytes.len != UUID_SIZE) {
        problem_set(problem, "%s is no id of an entry: take it from a search or a list", what);
        return STATUS_INVALID_ARGUMENT;
    }
    memcpy(id->bytes, bytes.data, UUID_SIZE);
    return STATUS_OK;
}

enum status
context_check_scope(int scope, struct problem *problem)
{
    if (scope >= FORGE__SCOPE__SCOPE_UNSET && scope <= FORGE__SCOPE__TEAM)
        return STATUS_OK;
    problem_set(problem, "scope %d is unknown: use private, project or team", scope);
    return STATUS_INVALID_ARGUMENT;
}

enum status
context_check_expiry(int64_t expires_at_ms, int64_t now_ms, struct problem *problem)
{
    if (!expires_at_ms)
        return STATUS_OK;
    if (expires_at_ms <= now_ms) {
        problem_set(problem, "the expiry lies in the past: give a later time, or none to keep it");
        return STATUS_INVALID_ARGUMENT;
    }
    if (expires_at_ms - now_ms > 36525 * day_ms) {
        problem_set(problem, "the expiry is over a hundred years away: leave it out to keep it");
        return STATUS_INVALID_ARGUMENT;
    }
    return STATUS_OK;
}

enum status
context_check_created(int64_t created_at_ms, int64_t now_ms, struct problem *problem)
{
    if (created_at_ms >= 0 && created_at_ms <= now_ms + day_ms)
        return STATUS_OK;
    problem_set(problem, "the time of creation lies before 1970 or in the future");
    return STATUS_INVALID_ARGUMENT;
}
