#include "common/base/uuid.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

struct generator {
    int64_t last_ms;
    uint16_t counter; /* 12 bits, RFC 9562 §6.2 method 1 */
    uint8_t pool[512];
    size_t left;
};

void
uuid_random(void *bytes, size_t size)
{
    uint8_t *at = bytes;
    while (size) {
        ssize_t got = getrandom(at, size, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            perror("getrandom");
            abort();
        }
        at += got;
        size -= (size_t)got;
    }
}

/* Random bytes a pool at a time: one system call serves 64 ids. */
static void
draw(struct generator *generator, uint8_t *out, size_t size)
{
    if (generator->left < size) {
        uuid_random(generator->pool, sizeof generator->pool);
        generator->left = sizeof generator->pool;
    }
    generator->left -= size;
    memcpy(out, generator->pool + generator->left, size);
}

struct uuid
uuid_create(int64_t wall_ms)
{
    static _Thread_local struct generator generator;
    struct uuid id = {{0}};
    draw(&generator, id.bytes + 8, 8);
    if (wall_ms > generator.last_ms) {
        generator.last_ms = wall_ms;
        /* Half of the counter's range stays free, so that it rarely overflows within its ms. */
        generator.counter = (uint16_t)((id.bytes[8] << 3 | (id.bytes[9] & 7)) & 0x7FF);
    } else if (++generator.counter > 0xFFF) {
        generator.last_ms++;
        generator.counter = 0;
    }
    for (int i = 0; i < 6; i++)
        id.bytes[i] = (uint8_t)(generator.last_ms >> (40 - 8 * i));
    id.bytes[6] = (uint8_t)(0x70 | generator.counter >> 8);
    id.bytes[7] = (uint8_t)generator.counter;
    id.bytes[8] = (uint8_t)((id.bytes[8] & 0x3F) | 0x80);
    return id;
}

void
uuid_format(const struct uuid *self, char out[UUID_TEXT_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    char *at = out;
    for (int i = 0; i < UUID_SIZE; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *at++ = '-';
        *at++ = digits[self->bytes[i] >> 4];
        *at++ = digits[self->bytes[i] & 15];
    }
    *at = '\0';
}

static int
digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool
uuid_parse(struct text text, struct uuid *self)
{
    if (text.length != UUID_TEXT_SIZE - 1)
        return false;
    struct uuid id;
    size_t at = 0;
    for (int i = 0; i < UUID_SIZE; i++) {
        if ((i == 4 || i == 6 || i == 8 || i == 10) && text.data[at++] != '-')
            return false;
        int high = digit(text.data[at]);
        int low = digit(text.data[at + 1]);
        if (high < 0 || low < 0)
            return false;
        id.bytes[i] = (uint8_t)(high << 4 | low);
        at += 2;
    }
    *self = id;
    return true;
}
