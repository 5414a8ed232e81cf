#include "backup-svc/envelope.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/arena.h"
#include "common/base/memory.h"
#include "common/json/reader.h"
#include "common/json/writer.h"

enum { FILE_MAX = 64 * 1024 };

void
hex_of_hash(const uint8_t hash[32], char out[HEX_HASH_SIZE])
{
    for (int i = 0; i < 32; i++)
        snprintf(out + (ptrdiff_t)2 * i, 3, "%02x", hash[i]);
}

/* -1 when it is none; upper case is none of ours. */
static int
digit_of(char hex)
{
    if (hex >= '0' && hex <= '9')
        return hex - '0';
    return hex >= 'a' && hex <= 'f' ? hex - 'a' + 10 : -1;
}

bool
hash_of_hex(struct text hex, uint8_t hash[32])
{
    if (hex.length != HEX_HASH_SIZE - 1)
        return false;
    for (size_t i = 0; i < 32; i++) {
        int high = digit_of(hex.data[2 * i]);
        int low = digit_of(hex.data[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        hash[i] = (uint8_t)(high * 16 + low);
    }
    return true;
}

static void
descriptor_close(const int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

static enum status
refuse(const char *folder, const char *name, struct problem *problem)
{
    bool full = errno == ENOSPC || errno == EDQUOT;
    problem_set(problem, "%s in %s: %s", name, folder, strerror(errno));
    return full ? STATUS_RESOURCE_EXHAUSTED : STATUS_UNAVAILABLE;
}

static bool
write_synced(int fd, struct text bytes)
{
    while (bytes.length) {
        ssize_t written = write(fd, bytes.data, bytes.length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        bytes.data += written;
        bytes.length -= (size_t)written;
    }
    return fsync(fd) == 0;
}

enum status
envelope_write(const char *folder, const char *name, struct text body, struct problem *problem)
{
    uint8_t hash[SHA256_DIGEST_LENGTH];
    char hex[HEX_HASH_SIZE], fresh[64];
    SHA256((const uint8_t *)body.data, body.length, hash);
    hex_of_hash(hash, hex);
    CLEANUP(buffer_release) struct buffer out = {0};
    struct json_writer writer;
    json_writer_init(&writer, &out);
    json_write_object_begin(&writer);
    json_write_key(&writer, "body");
    json_write_raw(&writer, body);
    json_write_key(&writer, "sha256");
    json_write_string(&writer, hex);
    json_write_object_end(&writer);
    buffer_add_byte(&out, '\n');

    snprintf(fresh, sizeof fresh, "%s.new", name);
    CLEANUP(descriptor_close) int folder_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    CLEANUP(descriptor_close)
    int fd = openat(folder_fd, fresh, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0 || !write_synced(fd, buffer_text(&out)) ||
        renameat(folder_fd, fresh, folder_fd, name) || fsync(folder_fd))
        return refuse(folder, name, problem);
    return STATUS_OK;
}

static enum status
read_file(const char *folder, const char *name, struct buffer *content, struct problem *problem)
{
    CLEANUP(descriptor_close) int folder_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    CLEANUP(descriptor_close) int fd = openat(folder_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) {
        problem_set(problem, "%s: %s", name, strerror(errno));
        return errno == ENOENT ? STATUS_NOT_FOUND : STATUS_UNAVAILABLE;
    }
    buffer_clear(content);
    ssize_t got = 0;
    do {
        got = read(fd, buffer_reserve(content, 4096), 4096);
        content->length += got > 0 ? (size_t)got : 0;
    } while (got > 0 && content->length <= FILE_MAX);
    if (got == 0)
        return STATUS_OK;
    problem_set(
        problem, "%s: %s", name, got < 0 ? strerror(errno) : "larger than any that is ours");
    return got < 0 ? STATUS_UNAVAILABLE : STATUS_DATA_LOSS;
}

enum status
envelope_read(const char *folder, const char *name, struct buffer *content, struct text *body,
    struct problem *problem)
{
    enum status status = read_file(folder, name, content, problem);
    if (status != STATUS_OK)
        return status;
    struct json_reader reader;
    struct arena arena;
    struct text key, hex = {0};
    uint8_t expected[SHA256_DIGEST_LENGTH], found[SHA256_DIGEST_LENGTH];
    arena_init(&arena, FILE_MAX);
    *body = (struct text){0};
    json_reader_init(&reader, buffer_text(content));
    if (json_object_begin(&reader))
        while (json_object_next(&reader, &key)) {
            if (text_is(key, "body"))
                json_read_raw(&reader, body);
            else if (text_is(key, "sha256"))
                json_read_string(&reader, &arena, &hex);
            else
                json_skip(&reader);
        }
    bool whole = json_reader_end(&reader) && body->length && hash_of_hex(hex, expected);
    arena_release(&arena);
    if (whole)
        SHA256((const uint8_t *)body->data, body->length, found);
    if (whole && memcmp(found, expected, sizeof found) == 0)
        return STATUS_OK;
    problem_set(problem, "%s is damaged: %s", name,
        whole ? "its checksum differs" : "it is not the JSON that was written");
    return STATUS_DATA_LOSS;
}
