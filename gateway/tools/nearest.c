#include "gateway/tools/nearest.h"

enum { NAME_MAX_BYTES = 64 };

static char
folded(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (char)(c + ('a' - 'A'));
    return c == '-' ? '_' : c;
}

static size_t
least(size_t a, size_t b, size_t c)
{
    size_t smaller = a < b ? a : b;
    return smaller < c ? smaller : c;
}

size_t
nearest_distance(struct text a, struct text b)
{
    if (a.length > NAME_MAX_BYTES || b.length > NAME_MAX_BYTES)
        return a.length > b.length ? a.length : b.length;
    size_t rows[3][NAME_MAX_BYTES + 1];
    for (size_t j = 0; j <= b.length; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a.length; i++) {
        size_t *row = rows[i % 3];
        const size_t *above = rows[(i - 1) % 3];
        const size_t *two_above = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= b.length; j++) {
            char of_a = folded(a.data[i - 1]);
            char of_b = folded(b.data[j - 1]);
            row[j] = least(above[j] + 1, row[j - 1] + 1, above[j - 1] + (of_a != of_b));
            bool swapped =
                i > 1 && j > 1 && of_a == folded(b.data[j - 2]) && folded(a.data[i - 2]) == of_b;
            if (swapped && two_above[j - 2] + 1 < row[j])
                row[j] = two_above[j - 2] + 1;
        }
    }
    return rows[a.length % 3][b.length];
}

bool
nearest_is_near(struct text given, struct text known, size_t distance)
{
    size_t longer = given.length > known.length ? given.length : known.length;
    return distance <= 1 + longer / 3 && distance < longer;
}
