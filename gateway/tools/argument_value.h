/* argument_value: the reading of one value, for arguments.c alone. */
#pragma once

#include "common/base/attributes.h"
#include "common/json/reader.h"
#include "gateway/tools/arguments.h"

/* One run of arguments_read. */
struct argument_reading {
    struct json_reader *reader;
    struct arena *arena;
    int64_t now_ms;
    bool former_name; /* the argument was named otherwise: "id" for "ids" may be a single string */
    struct argument_problem *problem;
};

/* Notes the problem unless there is one already; always false, so that readers can return it. */
bool argument_refuse(struct argument_reading *reading, const struct argument *argument,
    const char *format, ...) PRINTF_LIKE(3, 4);

/* Reads and checks a value of any type but OBJECT. */
bool argument_value_read(struct argument_reading *reading, const struct argument *argument,
    struct argument_value *value);

/* Reads an object of `list`; argument_value_read's counterpart for OBJECT. */
bool argument_object_read(struct argument_reading *reading, const struct argument_list *list,
    struct argument_value *values);
