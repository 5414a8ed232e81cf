#include "common/base/problem.h"

#include <stdio.h>

void
problem_set(struct problem *self, const char *format, ...)
{
    if (!self)
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(self->text, sizeof self->text, format, arguments);
    va_end(arguments);
}
