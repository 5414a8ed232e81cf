#include "common/base/hash.h"

uint64_t
hash_fnv1a(struct text text)
{
    uint64_t sum = 0xcbf29ce484222325u;
    for (size_t i = 0; i < text.length; i++)
        sum = (sum ^ (uint8_t)text.data[i]) * 0x100000001b3u;
    return sum;
}
