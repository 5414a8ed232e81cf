#include "common/json/keys.h"

#include "common/json/scan.h"

/* Up to eight bytes as a number; which order they take does not matter. */
static uint64_t
load(const char *at, size_t length)
{
    uint64_t eight = 0;
    if (length >= 8) {
        memcpy(&eight, at, 8);
    } else if (length >= 4) {
        uint32_t low, high;
        memcpy(&low, at, 4);
        memcpy(&high, at + length - 4, 4);
        eight = (uint64_t)high << 32 | low;
    } else {
        for (size_t i = 0; i < length; i++)
            eight = eight << 8 | (unsigned char)at[i];
    }
    return eight;
}

/* Multiplies and folds, keyed by the document's address, so that nobody can prepare keys that
 * collide. */
static uint32_t
hash_key(const struct json_reader *reader, struct text key)
{
    __extension__ typedef unsigned __int128 wide;
    uint64_t address = (uint64_t)(uintptr_t)reader->start;
    uint64_t factor = address ^ 0x9E3779B97F4A7C15u;
    uint64_t sum = address ^ key.length;
    for (size_t i = 0; i < key.length; i += 8) {
        uint64_t eight = load(key.data + i, key.length - i);
        wide product = (wide)(sum ^ eight ^ 0xD6E8FEB86659FD93u) * factor;
        sum = (uint64_t)product ^ (uint64_t)(product >> 64);
    }
    return (uint32_t)(sum ^ (sum >> 32));
}

/* Compares an earlier key, known by its opening quote, by its characters. */
static bool
key_is(const struct json_reader *reader, const char *quote, struct text key)
{
    bool escaped;
    const char *problem = NULL;
    const char *close = json_scan_string(quote + 1, reader->end, &escaped, &problem);
    struct text raw = text_from(quote + 1, (size_t)(close - quote - 1));
    if (!escaped)
        return text_equals(raw, key);
    char plain[sizeof reader->key_scratch];
    return text_equals(text_from(plain, json_unescape(raw, plain)), key);
}

/* The first slot in [at, count) that holds the hash, or count. A hostile document can make this the
 * longest loop of all, so sixteen slots are compared at once. */
static uint32_t
find_hash(const uint32_t *hashes, uint32_t at, uint32_t count, uint32_t hash)
{
    typedef uint32_t four __attribute__((vector_size(16)));
    for (; count - at >= 16; at += 16) {
        four slots[4];
        memcpy(slots, hashes + at, sizeof slots);
        four hits = (four)(slots[0] == hash) | (four)(slots[1] == hash) | (four)(slots[2] == hash) |
                    (four)(slots[3] == hash);
        if (hits[0] | hits[1] | hits[2] | hits[3])
            break;
    }
    while (at < count && hashes[at] != hash)
        at++;
    return at;
}

const char *
json_keys_add(struct json_reader *reader, const char *quote, struct text key)
{
    uint32_t count = reader->key_count;
    uint32_t hash = hash_key(reader, key);
    uint32_t at = find_hash(reader->key_hashes, reader->first_key[reader->depth], count, hash);
    while (at < count) {
        if (key_is(reader, reader->keys[at], key))
            return "an object has one key twice";
        at = find_hash(reader->key_hashes, at + 1, count, hash);
    }
    if (count == JSON_OPEN_KEYS_MAX)
        return "more than 1024 keys are open";
    reader->key_hashes[count] = hash;
    reader->keys[count] = quote;
    reader->key_count++;
    return NULL;
}
