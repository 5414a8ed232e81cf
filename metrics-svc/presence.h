/* presence: who pushes, and each program's newest push, in the router's memory.
 *
 * Keeps a push as the bytes that came; they are read again when someone asks. A program that has
 * not pushed for PRESENCE_SILENT_MS counts as down, and after PRESENCE_FORGET_MS it is forgotten.
 */
#pragma once

#include "metrics.pb-c.h"

#include "common/base/buffer.h"
#include "common/base/problem.h"
#include "common/base/status.h"

enum {
    PRESENCE_PROGRAMS_MAX = 256,
    PRESENCE_BYTES_MAX = 32 << 20, /* of all newest pushes together */
    PRESENCE_SILENT_MS = 5000,
    PRESENCE_FORGET_MS = 600000,
    PRESENCE_ROW_EVERY_MS = 15000,
    PRESENCE_CPU_MARKS = 17,
};

/* A point in CPU time, by this process' monotonic clock. */
struct presence_mark {
    int64_t at_ms;
    double cpu_seconds;
};

struct presence_program {
    char *program, *instance, *host, *version;
    int64_t started_at_ms;
    int64_t pushed_at_ms;    /* clock_wall_ms */
    int64_t pushed_clock_ms; /* clock_monotonic_ms */
    int64_t row_slot;        /* the last span of time for which a row was asked */
    struct buffer push;      /* the newest PushRequest, packed */
    double resident_bytes;
    struct presence_mark marks[PRESENCE_CPU_MARKS]; /* oldest first */
    size_t mark_count;
};

/* Both clocks at one moment. */
struct presence_now {
    int64_t wall_ms, clock_ms;
};

struct presence;

struct presence *presence_create(void);
void presence_destroy(struct presence **self_p);

/* Takes a checked push. *row_due is set with a program's first push of each 15 s, which is the one
 * to store. RESOURCE_EXHAUSTED: too many programs or bytes. */
enum status presence_take(struct presence *self, const Forge__PushRequest *request,
    struct text packed, const struct presence_now *now, bool *row_due,
    struct problem *problem) MUST_CHECK;

void presence_expire(struct presence *self, int64_t clock_ms);

size_t presence_count(const struct presence *self);
const struct presence_program *presence_at(const struct presence *self, size_t place);
bool presence_is_up(const struct presence_program *program, int64_t clock_ms);
/* Of one core, over the last 15 s; 0 until two pushes came. */
double presence_cpu_ratio(const struct presence_program *program);
