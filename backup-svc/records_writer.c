#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "backup-svc/records.h"
#include "common/base/buffer.h"
#include "common/base/memory.h"

/* So much may lie unsynced: a burst of dirty pages would hold up the stores' own syncs. */
enum { SYNC_BYTES = 8 << 20 };

const char records_magic[16] = "forge-records\r\n";

struct records_writer {
    int fd;
    char *path;
    uint64_t min_free_bytes;
    struct records_summary summary;
    struct buffer payload;
    uint32_t payload_records;
    struct buffer last_key;
    uint64_t unsynced_bytes;
    EVP_MD_CTX *whole;
};

void
records_writer_destroy(struct records_writer **self_p)
{
    struct records_writer *self = TAKE(*self_p);
    if (!self)
        return;
    if (self->fd >= 0)
        close(self->fd);
    EVP_MD_CTX_free(self->whole);
    buffer_release(&self->payload);
    buffer_release(&self->last_key);
    free(self->path);
    free(self);
}

static enum status
refuse(const struct records_writer *self, struct problem *problem)
{
    bool full = errno == ENOSPC || errno == EDQUOT;
    problem_set(problem, "%s cannot be written: %s%s", self->path, strerror(errno),
        full ? "; make room on that disk, or choose another backup folder" : "");
    return full ? STATUS_RESOURCE_EXHAUSTED : STATUS_UNAVAILABLE;
}

static enum status
write_all(struct records_writer *self, struct text bytes, struct problem *problem)
{
    while (bytes.length) {
        ssize_t written = write(self->fd, bytes.data, bytes.length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return refuse(self, problem);
        bytes.data += written;
        bytes.length -= (size_t)written;
        self->unsynced_bytes += (uint64_t)written;
    }
    if (self->unsynced_bytes < SYNC_BYTES)
        return STATUS_OK;
    self->unsynced_bytes = 0;
    return fdatasync(self->fd) ? refuse(self, problem) : STATUS_OK;
}

static enum status
check_free(const struct records_writer *self, uint64_t bytes, struct problem *problem)
{
    struct statvfs disk;
    if (fstatvfs(self->fd, &disk))
        return STATUS_OK;
    uint64_t free_bytes = (uint64_t)disk.f_bavail * disk.f_frsize;
    if (free_bytes >= self->min_free_bytes + bytes || self->min_free_bytes == 0)
        return STATUS_OK;
    problem_set(problem,
        "the backup's disk has %llu MiB free and must keep %llu MiB: make room on it, or choose "
        "another backup folder",
        (unsigned long long)free_bytes >> 20, (unsigned long long)self->min_free_bytes >> 20);
    return STATUS_RESOURCE_EXHAUSTED;
}

static void
put_number(struct buffer *out, uint64_t number, size_t size)
{
    uint64_t big = htobe64(number);
    buffer_add(out, (const char *)&big + (sizeof big - size), size);
}

enum status
records_writer_create(const char *path, uint64_t min_free_bytes, uint32_t format, uint64_t sequence,
    struct records_writer **self_p, struct problem *problem)
{
    CLEANUP(records_writer_destroy) struct records_writer *self = memory_new(sizeof *self);
    self->path = text_copy(text_of(path));
    self->min_free_bytes = min_free_bytes;
    self->summary.format = format;
    self->summary.sequence = sequence;
    self->whole = EVP_MD_CTX_new();
    EVP_DigestInit_ex(self->whole, EVP_sha256(), NULL);
    self->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (self->fd < 0)
        return refuse(self, problem);
    CLEANUP(buffer_release) struct buffer header = {0};
    buffer_add(&header, records_magic, sizeof records_magic);
    put_number(&header, RECORDS_VERSION, 4);
    put_number(&header, format, 4);
    put_number(&header, sequence, 8);
    enum status status = write_all(self, buffer_text(&header), problem);
    if (status == STATUS_OK)
        *self_p = TAKE(self);
    return status;
}

static enum status
write_block(struct records_writer *self, struct problem *problem)
{
    CLEANUP(buffer_release) struct buffer lengths = {0};
    uint8_t hash[RECORDS_HASH_SIZE];
    EVP_MD_CTX *block = EVP_MD_CTX_new();
    put_number(&lengths, self->payload.length, 4);
    put_number(&lengths, self->payload_records, 4);
    EVP_DigestInit_ex(block, EVP_sha256(), NULL);
    EVP_DigestUpdate(block, lengths.data, lengths.length);
    EVP_DigestUpdate(block, self->payload.data, self->payload.length);
    EVP_DigestFinal_ex(block, hash, NULL);
    EVP_MD_CTX_free(block);
    EVP_DigestUpdate(self->whole, self->payload.data, self->payload.length);
    self->summary.bytes += self->payload.length;

    enum status status = check_free(self, self->payload.length, problem);
    if (status == STATUS_OK)
        status = write_all(self, buffer_text(&lengths), problem);
    if (status == STATUS_OK)
        status = write_all(self, buffer_text(&self->payload), problem);
    if (status == STATUS_OK)
        status = write_all(self, text_from(hash, sizeof hash), problem);
    buffer_clear(&self->payload);
    self->payload_records = 0;
    return status;
}

static bool
is_after_last(const struct records_writer *self, struct text key)
{
    size_t last = self->last_key.length;
    size_t common = last < key.length ? last : key.length;
    int order = common ? memcmp(self->last_key.data, key.data, common) : 0;
    return order < 0 || (order == 0 && last < key.length);
}

enum status
records_writer_add(
    struct records_writer *self, struct text key, struct text value, struct problem *problem)
{
    if (!key.length || key.length > RECORDS_KEY_MAX || value.length > RECORDS_VALUE_MAX ||
        !is_after_last(self, key)) {
        problem_set(problem, "record %llu has a key or value of a wrong size, or is out of order",
            (unsigned long long)self->summary.records);
        return STATUS_INVALID_ARGUMENT;
    }
    put_number(&self->payload, key.length, 4);
    put_number(&self->payload, value.length, 4);
    buffer_add_text(&self->payload, key);
    buffer_add_text(&self->payload, value);
    buffer_clear(&self->last_key);
    buffer_add_text(&self->last_key, key);
    self->payload_records++;
    self->summary.records++;
    return self->payload.length < RECORDS_BLOCK_TARGET ? STATUS_OK : write_block(self, problem);
}

enum status
records_writer_finish(
    struct records_writer *self, struct records_summary *summary, struct problem *problem)
{
    enum status status = self->payload.length ? write_block(self, problem) : STATUS_OK;
    if (status != STATUS_OK)
        return status;
    EVP_DigestFinal_ex(self->whole, self->summary.sha256, NULL);
    CLEANUP(buffer_release) struct buffer trailer = {0};
    put_number(&trailer, 0, 8);
    put_number(&trailer, self->summary.records, 8);
    put_number(&trailer, self->summary.bytes, 8);
    buffer_add(&trailer, self->summary.sha256, sizeof self->summary.sha256);
    status = write_all(self, buffer_text(&trailer), problem);
    if (status == STATUS_OK && fsync(self->fd))
        status = refuse(self, problem);
    if (status == STATUS_OK)
        *summary = self->summary;
    return status;
}
