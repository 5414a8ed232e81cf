#include "common/store/condition.h"

#include <stdio.h>
#include <string.h>

void
store_condition_set(struct store_condition *self, enum store_state state, const char *format, ...)
{
    struct problem reason = {0};
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason.text, sizeof reason.text, format, arguments);
    va_end(arguments);
    uint64_t words[CONDITION_WORDS];
    memcpy(words, reason.text, sizeof words);

    uint32_t version = atomic_load_explicit(&self->version, memory_order_relaxed);
    atomic_store_explicit(&self->version, version + 1, memory_order_relaxed);
    atomic_thread_fence(memory_order_release);
    for (int i = 0; i < CONDITION_WORDS; i++)
        atomic_store_explicit(&self->words[i], words[i], memory_order_relaxed);
    atomic_store_explicit(&self->state, state, memory_order_relaxed);
    atomic_store_explicit(&self->version, version + 2, memory_order_release);
}

enum store_state
store_condition_state(const struct store_condition *self)
{
    return (enum store_state)atomic_load_explicit(&self->state, memory_order_acquire);
}

void
store_condition_reason(const struct store_condition *self, struct problem *reason)
{
    uint64_t words[CONDITION_WORDS] = {0};
    uint32_t before, after;
    do {
        before = atomic_load_explicit(&self->version, memory_order_acquire);
        for (int i = 0; i < CONDITION_WORDS; i++)
            words[i] = atomic_load_explicit(&self->words[i], memory_order_relaxed);
        atomic_thread_fence(memory_order_acquire);
        after = atomic_load_explicit(&self->version, memory_order_relaxed);
    } while (before % 2 || before != after);
    memcpy(reason->text, words, sizeof words);
}
