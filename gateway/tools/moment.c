#include "gateway/tools/moment.h"

static const int64_t day_ms = 86400000;
static const int64_t last_ms = 253402300799999; /* 9999-12-31T23:59:59.999Z */

/* Days since 1970-01-01 of a date of the Gregorian calendar. */
static int64_t
days_of(int year, int month, int day)
{
    int shifted = month > 2 ? year : year - 1;
    int month_from_march = month > 2 ? month - 3 : month + 9;
    int64_t leap_days = shifted / 4 - shifted / 100 + shifted / 400;
    return 365 * (int64_t)shifted + leap_days + (153 * month_from_march + 2) / 5 + day - 719469;
}

static bool
read_digits(struct text *rest, int count, int *value)
{
    if (rest->length < (size_t)count)
        return false;
    int sum = 0;
    for (int i = 0; i < count; i++) {
        if (rest->data[i] < '0' || rest->data[i] > '9')
            return false;
        sum = sum * 10 + (rest->data[i] - '0');
    }
    rest->data += count;
    rest->length -= (size_t)count;
    *value = sum;
    return true;
}

static bool
read_char(struct text *rest, const char *allowed, char *c)
{
    if (!rest->length || !rest->data[0] || !strchr(allowed, rest->data[0]))
        return false;
    *c = rest->data[0];
    rest->data++;
    rest->length--;
    return true;
}

static bool
read_date(struct text *rest, int64_t *wall_ms)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year;
    int month;
    int day;
    char c;
    if (!read_digits(rest, 4, &year) || !read_char(rest, "-", &c) ||
        !read_digits(rest, 2, &month) || !read_char(rest, "-", &c) || !read_digits(rest, 2, &day))
        return false;
    if (year < 1970 || month < 1 || month > 12)
        return false;
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    if (day < 1 || day > lengths[month - 1] + (leap && month == 2))
        return false;
    *wall_ms = days_of(year, month, day) * day_ms;
    return true;
}

/* ".123456" after the seconds, if there; only milliseconds count. */
static bool
read_fraction(struct text *rest, int *ms)
{
    char c;
    *ms = 0;
    if (!read_char(rest, ".", &c))
        return true;
    int weight = 100;
    int digit;
    if (!read_digits(rest, 1, &digit))
        return false;
    do {
        *ms += digit * weight;
        weight /= 10;
    } while (read_digits(rest, 1, &digit));
    return true;
}

static bool
read_offset(struct text *rest, int64_t *offset_ms)
{
    char sign;
    char c;
    int hours;
    int minutes;
    *offset_ms = 0;
    if (read_char(rest, "zZ", &sign))
        return true;
    if (!read_char(rest, "+-", &sign) || !read_digits(rest, 2, &hours) ||
        !read_char(rest, ":", &c) || !read_digits(rest, 2, &minutes) || hours > 23 || minutes > 59)
        return false;
    *offset_ms = (sign == '-' ? -1 : 1) * ((int64_t)hours * 60 + minutes) * 60000;
    return true;
}

static bool
read_time(struct text *rest, int64_t *in_day_ms)
{
    char c;
    int hours;
    int minutes;
    int seconds;
    int ms;
    int64_t offset_ms;
    if (!read_digits(rest, 2, &hours) || !read_char(rest, ":", &c) ||
        !read_digits(rest, 2, &minutes) || !read_char(rest, ":", &c) ||
        !read_digits(rest, 2, &seconds) || !read_fraction(rest, &ms) ||
        !read_offset(rest, &offset_ms))
        return false;
    if (hours > 23 || minutes > 59 || seconds > 60)
        return false;
    *in_day_ms = (((int64_t)hours * 60 + minutes) * 60 + seconds) * 1000 + ms - offset_ms;
    return true;
}

static bool
read_age(struct text text, int64_t now_ms, int64_t *wall_ms)
{
    static const struct {
        char unit;
        int64_t ms;
    } units[] = {{'s', 1000}, {'m', 60000}, {'h', 3600000}, {'d', 86400000}, {'w', 604800000}};
    int64_t count;
    if (text.length < 2 ||
        text_to_integer(text_from(text.data, text.length - 1), 0, 1000000000, &count))
        return false;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (text.data[text.length - 1] != units[i].unit)
            continue;
        int64_t at = now_ms - count * units[i].ms;
        *wall_ms = at > 0 ? at : 0;
        return true;
    }
    return false;
}

bool
moment_parse(struct text text, int64_t now_ms, int64_t *wall_ms)
{
    text = text_trim(text);
    if (read_age(text, now_ms, wall_ms))
        return true;
    int64_t day;
    int64_t in_day = 0;
    char c;
    if (!read_date(&text, &day))
        return false;
    if (text.length && (!read_char(&text, "Tt ", &c) || !read_time(&text, &in_day)))
        return false;
    int64_t at = day + in_day;
    if (text.length || at < 0 || at > last_ms)
        return false;
    *wall_ms = at;
    return true;
}
