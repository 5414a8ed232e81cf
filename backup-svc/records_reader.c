#include <endian.h>
#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backup-svc/records.h"
#include "common/base/buffer.h"
#include "common/base/memory.h"

enum { LENGTHS_SIZE = 8, TRAILER_SIZE = 16 + RECORDS_HASH_SIZE };

struct records_reader {
    FILE *file;
    const char *name; /* in path, after the last slash */
    char *path;
    struct records_summary summary;
    EVP_MD_CTX *whole;
    struct buffer payload;
    size_t at;              /* in payload: the next record */
    uint32_t block_records; /* left in it */
    uint64_t block;         /* number of the block, from 1 */
    struct buffer last_key;
    bool ended;
    struct problem problem; /* "" while all is well */
};

void
records_reader_destroy(struct records_reader **self_p)
{
    struct records_reader *self = TAKE(*self_p);
    if (!self)
        return;
    if (self->file)
        fclose(self->file);
    EVP_MD_CTX_free(self->whole);
    buffer_release(&self->payload);
    buffer_release(&self->last_key);
    free(self->path);
    free(self);
}

static uint32_t
number_of(const char *bytes)
{
    uint32_t big;
    memcpy(&big, bytes, sizeof big);
    return be32toh(big);
}

static uint64_t
long_number_of(const char *bytes)
{
    uint64_t big;
    memcpy(&big, bytes, sizeof big);
    return be64toh(big);
}

static enum status
read_header(struct records_reader *self, struct problem *problem)
{
    char header[RECORDS_HEADER_SIZE];
    bool whole = fread(header, 1, sizeof header, self->file) == sizeof header;
    if (!whole || memcmp(header, records_magic, sizeof records_magic) != 0) {
        problem_set(problem, "%s: the header is damaged", self->name);
        return STATUS_DATA_LOSS;
    }
    uint32_t version = number_of(header + sizeof records_magic);
    if (version != RECORDS_VERSION) {
        problem_set(problem, "%s has version %u of the format, and this program reads %d",
            self->name, version, RECORDS_VERSION);
        return STATUS_DATA_LOSS;
    }
    self->summary.format = number_of(header + 20);
    self->summary.sequence = long_number_of(header + 24);
    return STATUS_OK;
}

enum status
records_reader_create(const char *path, struct records_reader **self_p, struct problem *problem)
{
    CLEANUP(records_reader_destroy) struct records_reader *self = memory_new(sizeof *self);
    self->path = text_copy(text_of(path));
    const char *slash = strrchr(self->path, '/');
    self->name = slash ? slash + 1 : self->path;
    self->whole = EVP_MD_CTX_new();
    EVP_DigestInit_ex(self->whole, EVP_sha256(), NULL);
    self->file = fopen(path, "rbe");
    if (!self->file) {
        problem_set(problem, "%s cannot be opened: %s", self->name, strerror(errno));
        return errno == ENOENT ? STATUS_NOT_FOUND : STATUS_UNAVAILABLE;
    }
    enum status status = read_header(self, problem);
    if (status == STATUS_OK)
        *self_p = TAKE(self);
    return status;
}

struct records_summary
records_reader_summary(const struct records_reader *self)
{
    return self->summary;
}

static bool
damaged(struct records_reader *self, const char *what)
{
    problem_set(&self->problem, "%s: block %llu, before byte %lld: %s", self->name,
        (unsigned long long)self->block, (long long)ftello(self->file), what);
    self->ended = true;
    return false;
}

static bool
read_exactly(struct records_reader *self, void *bytes, size_t size)
{
    if (fread(bytes, 1, size, self->file) == size)
        return true;
    return damaged(
        self, ferror(self->file) ? "the disk cannot read it" : "the file ends too early");
}

/* The end of a whole file; false in any case, since no record follows. */
static bool
read_trailer(struct records_reader *self)
{
    char trailer[TRAILER_SIZE];
    if (!read_exactly(self, trailer, sizeof trailer))
        return false;
    EVP_DigestFinal_ex(self->whole, self->summary.sha256, NULL);
    if (long_number_of(trailer) != self->summary.records ||
        long_number_of(trailer + 8) != self->summary.bytes ||
        memcmp(trailer + 16, self->summary.sha256, RECORDS_HASH_SIZE) != 0)
        return damaged(self, "the trailer does not fit what came before");
    if (fgetc(self->file) != EOF)
        return damaged(self, "something follows the trailer");
    self->ended = true;
    return false;
}

static bool
block_hash_fits(const struct records_reader *self, const char *lengths, const char *expected)
{
    uint8_t hash[RECORDS_HASH_SIZE];
    EVP_MD_CTX *block = EVP_MD_CTX_new();
    EVP_DigestInit_ex(block, EVP_sha256(), NULL);
    EVP_DigestUpdate(block, lengths, LENGTHS_SIZE);
    EVP_DigestUpdate(block, self->payload.data, self->payload.length);
    EVP_DigestFinal_ex(block, hash, NULL);
    EVP_MD_CTX_free(block);
    return memcmp(hash, expected, sizeof hash) == 0;
}

static bool
read_block(struct records_reader *self)
{
    char lengths[LENGTHS_SIZE], expected[RECORDS_HASH_SIZE];
    self->block++;
    if (!read_exactly(self, lengths, sizeof lengths))
        return false;
    uint32_t size = number_of(lengths);
    self->block_records = number_of(lengths + 4);
    if (size == 0 && self->block_records == 0)
        return read_trailer(self);
    if (size == 0 || size > RECORDS_PAYLOAD_MAX)
        return damaged(self, "its length is impossible");
    buffer_clear(&self->payload);
    self->at = 0;
    if (!read_exactly(self, buffer_reserve(&self->payload, size), size))
        return false;
    self->payload.length = size;
    if (!read_exactly(self, expected, sizeof expected))
        return false;
    if (!block_hash_fits(self, lengths, expected))
        return damaged(self, "its checksum differs");
    EVP_DigestUpdate(self->whole, self->payload.data, self->payload.length);
    self->summary.bytes += size;
    return true;
}

static bool
ascends(struct records_reader *self, struct text key)
{
    size_t last = self->last_key.length;
    size_t common = last < key.length ? last : key.length;
    int order = common ? memcmp(self->last_key.data, key.data, common) : 0;
    buffer_clear(&self->last_key);
    buffer_add_text(&self->last_key, key);
    return order < 0 || (order == 0 && last < key.length);
}

bool
records_reader_next(struct records_reader *self, struct text *key, struct text *value)
{
    if (self->ended)
        return false;
    if (self->at == self->payload.length) {
        if (self->block_records)
            return damaged(self, "it has fewer records than it says");
        if (!read_block(self))
            return false;
    }
    size_t left = self->payload.length - self->at;
    const char *bytes = self->payload.data + self->at;
    size_t key_length = left >= LENGTHS_SIZE ? number_of(bytes) : 0;
    size_t value_length = left >= LENGTHS_SIZE ? number_of(bytes + 4) : 0;
    if (!self->block_records || !key_length || key_length > RECORDS_KEY_MAX ||
        value_length > RECORDS_VALUE_MAX || left - LENGTHS_SIZE < key_length + value_length)
        return damaged(self, "a record's length is impossible");
    *key = text_from(bytes + LENGTHS_SIZE, key_length);
    *value = text_from(key->data + key_length, value_length);
    self->at += LENGTHS_SIZE + key_length + value_length;
    self->block_records--;
    self->summary.records++;
    if (!ascends(self, *key))
        return damaged(self, "its keys do not ascend");
    return true;
}

enum status
records_reader_end(const struct records_reader *self, struct problem *problem)
{
    if (self->ended && !self->problem.text[0])
        return STATUS_OK;
    problem_set(problem, "%s",
        self->problem.text[0] ? self->problem.text : "the file was not read to its end");
    return STATUS_DATA_LOSS;
}
