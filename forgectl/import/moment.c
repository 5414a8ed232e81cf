#include "forgectl/import/moment.h"

#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"

/* 'd' stands for a digit. */
static bool
has_shape(struct text text, const char *shape)
{
    if (text.length < strlen(shape))
        return false;
    for (size_t i = 0; shape[i] != '\0'; i++) {
        char c = text.data[i];
        bool is_digit = c >= '0' && c <= '9';
        if (shape[i] == 'd' ? !is_digit : c != shape[i])
            return false;
    }
    return true;
}

static struct text
after(struct text text, size_t size)
{
    return text_from(text.data + size, text.length - size);
}

static bool
is_offset(struct text text)
{
    return text_is(text, "Z") || text_is(text, "z") ||
           (text.length == 6 && (has_shape(text, "+dd:dd") || has_shape(text, "-dd:dd")));
}

bool
import_moment_of_text(struct text text, char out[IMPORT_MOMENT_SIZE])
{
    if (!has_shape(text, "dddd-dd-dd") || text.length >= IMPORT_MOMENT_SIZE - 1)
        return false;
    if (text.length == 10) {
        (void)snprintf(out, IMPORT_MOMENT_SIZE, "%.*sT00:00:00Z", TEXT_FORMAT(text));
        return true;
    }
    char separator = text.data[10];
    struct text time = after(text, 11);
    if ((separator != 'T' && separator != 't' && separator != ' ') || !has_shape(time, "dd:dd:dd"))
        return false;
    size_t length = 8;
    if (time.length > length + 1 && time.data[length] == '.' &&
        has_shape(after(time, length + 1), "d"))
        length++;
    while (length > 8 && length < time.length && has_shape(after(time, length), "d"))
        length++;
    struct text offset = text_trim(after(time, length));
    if (offset.length > 0 && !is_offset(offset))
        return false;
    int size =
        snprintf(out, IMPORT_MOMENT_SIZE, "%.10sT%.*s%.*s", text.data, (int)length, time.data,
            offset.length > 0 ? (int)offset.length : 1, offset.length > 0 ? offset.data : "Z");
    return size > 0 && size < IMPORT_MOMENT_SIZE;
}

bool
import_moment_of_number(int64_t number, char out[IMPORT_MOMENT_SIZE])
{
    static const int64_t year_5000_s = 95617584000;
    static const int64_t year_9999_ms = 253402300799999;
    int64_t ms = number < year_5000_s ? number * 1000 : number;
    if (number <= 0 || ms > year_9999_ms)
        return false;
    clock_format(ms, out);
    return true;
}
