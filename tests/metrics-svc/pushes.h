/* What the tests of metrics-svc share: pushes made by hand, and a store in memory. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "metrics.pb-c.h"

#include "common/store/store.h"

enum { PUSH_TEST_SAMPLES = 16, PUSH_TEST_LABELS = 4 };

/* A PushRequest with all its parts; the texts are borrowed. Not to be moved. */
struct push {
    Forge__PushRequest request;
    Forge__Sample samples[PUSH_TEST_SAMPLES];
    Forge__Sample *sample_list[PUSH_TEST_SAMPLES];
    Forge__Label labels[PUSH_TEST_SAMPLES][PUSH_TEST_LABELS];
    Forge__Label *label_lists[PUSH_TEST_SAMPLES][PUSH_TEST_LABELS];
    Forge__Histogram histograms[PUSH_TEST_SAMPLES];
};

/* Of instance "program@test" on host "test", version "1", started at started_at_ms. */
void push_begin(struct push *self, const char *program, int64_t started_at_ms);
Forge__Sample *push_counter(struct push *self, const char *name, double value);
Forge__Sample *push_gauge(struct push *self, const char *name, double value);
/* Schema 3; the counts are borrowed. */
Forge__Sample *push_histogram(
    struct push *self, const char *name, int first_index, const uint64_t *counts, size_t count);
/* To the sample added last. */
void push_label(struct push *self, const char *name, const char *value);

/* The request's bytes; free with free(). */
struct text push_pack(const struct push *self);

/* A fresh store in memory, of metrics-svc's format. */
struct store *memory_store(void);
