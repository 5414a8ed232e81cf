#include "metrics-svc/presence.h"

#include <stdlib.h>

#include "common/base/memory.h"

struct presence {
    struct presence_program *programs[PRESENCE_PROGRAMS_MAX];
    size_t count;
    size_t bytes;
};

struct presence *
presence_create(void)
{
    return memory_new(sizeof(struct presence));
}

static void
program_destroy(struct presence_program *program)
{
    free(program->program);
    free(program->instance);
    free(program->host);
    free(program->version);
    buffer_release(&program->push);
    free(program);
}

void
presence_destroy(struct presence **self_p)
{
    struct presence *self = TAKE(*self_p);
    if (!self)
        return;
    for (size_t i = 0; i < self->count; i++)
        program_destroy(self->programs[i]);
    free(self);
}

static struct presence_program *
find(struct presence *self, const Forge__PushRequest *request)
{
    for (size_t i = 0; i < self->count; i++) {
        struct presence_program *each = self->programs[i];
        if (strcmp(each->program, request->program) == 0 &&
            strcmp(each->instance, request->instance) == 0)
            return each;
    }
    return NULL;
}

static struct presence_program *
add(struct presence *self, const Forge__PushRequest *request)
{
    struct presence_program *fresh = memory_new(sizeof *fresh);
    fresh->program = text_copy(text_of(request->program));
    fresh->instance = text_copy(text_of(request->instance));
    fresh->row_slot = -1;
    return self->programs[self->count++] = fresh;
}

static void
replace(char **text, const char *fresh)
{
    if (*text && strcmp(*text, fresh) == 0)
        return;
    free(*text);
    *text = text_copy(text_of(fresh));
}

static double
sample_value(const Forge__PushRequest *request, const char *name)
{
    for (size_t i = 0; i < request->n_samples; i++)
        if (strcmp(request->samples[i]->name, name) == 0)
            return request->samples[i]->value;
    return 0;
}

/* The marks reach over some 15 s: the oldest goes when the one after it is old enough. */
static void
add_mark(struct presence_program *program, int64_t clock_ms, double cpu_seconds)
{
    size_t drop = program->mark_count == PRESENCE_CPU_MARKS;
    while (drop + 1 < program->mark_count &&
           program->marks[drop + 1].at_ms <= clock_ms - PRESENCE_ROW_EVERY_MS)
        drop++;
    program->mark_count -= drop;
    memmove(program->marks, program->marks + drop, program->mark_count * sizeof *program->marks);
    program->marks[program->mark_count++] = (struct presence_mark){clock_ms, cpu_seconds};
}

enum status
presence_take(struct presence *self, const Forge__PushRequest *request, struct text packed,
    const struct presence_now *now, bool *row_due, struct problem *problem)
{
    struct presence_program *program = find(self, request);
    size_t bytes = self->bytes + packed.length - (program ? program->push.length : 0);
    if ((!program && self->count == PRESENCE_PROGRAMS_MAX) || bytes > PRESENCE_BYTES_MAX) {
        problem_set(problem,
            "metrics-svc keeps the newest numbers of at most %d programs and "
            "%d MiB",
            PRESENCE_PROGRAMS_MAX, PRESENCE_BYTES_MAX >> 20);
        return STATUS_RESOURCE_EXHAUSTED;
    }
    if (!program)
        program = add(self, request);
    self->bytes = bytes;
    replace(&program->host, request->host);
    replace(&program->version, request->version);
    if (program->started_at_ms != request->started_at_ms)
        program->mark_count = 0;
    program->started_at_ms = request->started_at_ms;
    program->pushed_at_ms = now->wall_ms;
    program->pushed_clock_ms = now->clock_ms;
    buffer_clear(&program->push);
    buffer_add_text(&program->push, packed);
    program->resident_bytes = sample_value(request, "process_resident_memory_bytes");
    add_mark(program, now->clock_ms, sample_value(request, "process_cpu_seconds_total"));

    int64_t slot = now->wall_ms / PRESENCE_ROW_EVERY_MS;
    *row_due = slot != program->row_slot;
    program->row_slot = slot;
    return STATUS_OK;
}

void
presence_expire(struct presence *self, int64_t clock_ms)
{
    for (size_t i = self->count; i-- > 0;) {
        struct presence_program *program = self->programs[i];
        if (clock_ms - program->pushed_clock_ms <= PRESENCE_FORGET_MS)
            continue;
        self->bytes -= program->push.length;
        program_destroy(program);
        self->count--;
        memmove(self->programs + i, self->programs + i + 1, (self->count - i) * sizeof(void *));
    }
}

size_t
presence_count(const struct presence *self)
{
    return self->count;
}

const struct presence_program *
presence_at(const struct presence *self, size_t place)
{
    return self->programs[place];
}

bool
presence_is_up(const struct presence_program *program, int64_t clock_ms)
{
    return clock_ms - program->pushed_clock_ms <= PRESENCE_SILENT_MS;
}

double
presence_cpu_ratio(const struct presence_program *program)
{
    if (program->mark_count < 2)
        return 0;
    const struct presence_mark *first = &program->marks[0];
    const struct presence_mark *last = &program->marks[program->mark_count - 1];
    double seconds = (double)(last->at_ms - first->at_ms) / 1000.0;
    return seconds > 0 ? (last->cpu_seconds - first->cpu_seconds) / seconds : 0;
}
