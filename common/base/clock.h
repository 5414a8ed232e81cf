/* clock: the two times of the house. */
#pragma once

#include <stdint.h>

/* Milliseconds of a clock that never jumps; for deadlines and ages within one process. */
int64_t clock_monotonic_ms(void);

/* The same in microseconds, for measuring work. */
int64_t clock_monotonic_us(void);

/* Microseconds of CPU that this thread used so far. */
int64_t clock_thread_cpu_us(void);

/* Milliseconds since 1970, UTC; for what is stored and shown. */
int64_t clock_wall_ms(void);

enum { CLOCK_TEXT_SIZE = 25 };

/* Writes "2026-11-23T01:25:15.004Z" and its NUL into `out`. */
void clock_format(int64_t wall_ms, char out[CLOCK_TEXT_SIZE]);
