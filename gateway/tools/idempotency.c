#include "gateway/tools/idempotency.h"

#include <openssl/sha.h>

#include "common/base/uuid.h"
#include "gateway/tools/limits.h"

static struct text
argument_of(const struct tool_call *call)
{
    const struct argument_list *list = &call->tool->arguments;
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i].name, "idempotency_key") == 0)
            return call->values[i].text;
    return TEXT("");
}

static const char *
fresh(struct arena *arena)
{
    uint64_t random[2];
    uuid_random(random, sizeof random);
    return arena_format(
        arena, "%016llx%016llx", (unsigned long long)random[0], (unsigned long long)random[1]);
}

/* Every part ends in NUL, which none of them holds, so no two lists of parts read alike. */
static void
hash(struct tool_call *call)
{
    struct buffer parts = {0};
    buffer_add_text(&parts, call->rpc.principal.tenant);
    buffer_add_byte(&parts, '\0');
    buffer_add_text(&parts, call->rpc.principal.name);
    buffer_add_byte(&parts, '\0');
    buffer_add_text(&parts, text_of(call->key_words));
    buffer_add_byte(&parts, '\0');
    if (call->batch_place)
        buffer_format(&parts, "%u", call->batch_place);
    uint8_t sum[SHA256_DIGEST_LENGTH];
    SHA256((const uint8_t *)parts.data, parts.length, sum);
    memcpy(call->key, sum, sizeof call->key);
    buffer_release(&parts);
}

bool
idempotency_key_make(struct tool_call *call)
{
    struct text header = call->idempotency_key;
    struct text argument = argument_of(call);
    if (header.length && argument.length && !text_equals(header, argument)) {
        tool_call_refuse(call, STATUS_INVALID_ARGUMENT, "idempotency_key",
            "%s: the header Idempotency-Key and the argument idempotency_key differ; send one of "
            "them.",
            call->tool->name);
        return false;
    }
    struct text given = header.length ? header : argument;
    if (given.length > LIMIT_IDEMPOTENCY_KEY_BYTES) {
        tool_call_refuse(call, STATUS_INVALID_ARGUMENT, "idempotency_key",
            "%s: the idempotency key is too long; at most %d bytes are allowed.", call->tool->name,
            LIMIT_IDEMPOTENCY_KEY_BYTES);
        return false;
    }
    call->key_words = given.length ? arena_copy(call->arena, given) : fresh(call->arena);
    hash(call);
    call->rpc.idempotency_key = call->key;
    return true;
}
