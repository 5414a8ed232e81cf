/* option_value: what the text of one option's value must look like. */
#pragma once

#include "forgectl/cli/options.h"

/* Holds the value against its row. INVALID_ARGUMENT with words that name the option. */
enum status option_value_check(
    const struct option_row *row, const char *value, struct problem *problem) MUST_CHECK;

/* "500ms", "10s", "5m", "2h" or bare seconds, as milliseconds; -1 when it is none of them. */
int64_t option_value_time_ms(const char *value);

/* "0.25"; false when it is no plain decimal number from 0 to 1. */
bool option_value_ratio(const char *value, double *ratio);
