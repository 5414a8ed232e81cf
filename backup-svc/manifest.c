#include "backup-svc/manifest.h"

#include <stdio.h>
#include <string.h>

#include "backup-svc/envelope.h"
#include "common/base/arena.h"
#include "common/json/reader.h"
#include "common/json/writer.h"

enum { TEXTS_MAX = 64 * 1024 };

static void
write_member(struct json_writer *writer, const char *key, const char *value)
{
    json_write_key(writer, key);
    json_write_string(writer, value);
}

static void
write_number(struct json_writer *writer, const char *key, uint64_t value)
{
    json_write_key(writer, key);
    json_write_unsigned(writer, value);
}

static void
write_copy(struct json_writer *writer, const struct manifest_copy *copy)
{
    char hex[HEX_HASH_SIZE];
    hex_of_hash(copy->summary.sha256, hex);
    json_write_object_begin(writer);
    write_member(writer, "service", copy->service);
    write_number(writer, "format", copy->summary.format);
    write_number(writer, "sequence", copy->summary.sequence);
    write_number(writer, "records", copy->summary.records);
    write_number(writer, "bytes", copy->summary.bytes);
    write_member(writer, "sha256", hex);
    json_write_object_end(writer);
}

enum status
manifest_write(
    const struct manifest *self, const char *folder, const char *name, struct problem *problem)
{
    char id[BACKUP_ID_SIZE];
    backup_id_format(self->id, id);
    CLEANUP(buffer_release) struct buffer body = {0};
    struct json_writer writer;
    json_writer_init(&writer, &body);
    json_write_object_begin(&writer);
    write_number(&writer, "format", MANIFEST_FORMAT);
    write_member(&writer, "id", id);
    write_member(&writer, "version", self->version);
    write_number(&writer, "started_at_ms", (uint64_t)self->started_at_ms);
    write_number(&writer, "finished_at_ms", (uint64_t)self->finished_at_ms);
    write_member(&writer, "note", self->note);
    write_member(&writer, "problem", self->problem);
    json_write_key(&writer, "stores");
    json_write_array_begin(&writer);
    for (size_t i = 0; i < self->copy_count; i++)
        write_copy(&writer, &self->copies[i]);
    json_write_array_end(&writer);
    json_write_object_end(&writer);
    return envelope_write(folder, name, buffer_text(&body), problem);
}

/* Copies a member's text into a field; one that is too long for it makes the file wrong. */
static void
read_text(struct json_reader *reader, struct arena *arena, char *field, size_t size)
{
    struct text value = {0};
    if (!json_read_string(reader, arena, &value))
        return;
    if (value.length >= size) {
        json_fail(reader, "a text is too long");
        return;
    }
    memcpy(field, value.data, value.length);
    field[value.length] = '\0';
}

static void
read_number(struct json_reader *reader, int64_t *value)
{
    if (json_read_integer(reader, value) && *value < 0)
        json_fail(reader, "a number is negative");
}

static void
read_copy_member(
    struct json_reader *reader, struct arena *arena, struct text key, struct manifest_copy *copy)
{
    int64_t number = 0;
    char hex[HEX_HASH_SIZE] = "";
    if (text_is(key, "service")) {
        read_text(reader, arena, copy->service, sizeof copy->service);
    } else if (text_is(key, "sha256")) {
        read_text(reader, arena, hex, sizeof hex);
        if (!hash_of_hex(text_of(hex), copy->summary.sha256))
            json_fail(reader, "a checksum is none");
    } else if (text_is(key, "format")) {
        read_number(reader, &number);
        copy->summary.format = (uint32_t)number;
    } else if (text_is(key, "sequence")) {
        read_number(reader, &number);
        copy->summary.sequence = (uint64_t)number;
    } else if (text_is(key, "records")) {
        read_number(reader, &number);
        copy->summary.records = (uint64_t)number;
    } else if (text_is(key, "bytes")) {
        read_number(reader, &number);
        copy->summary.bytes = (uint64_t)number;
    } else {
        json_skip(reader);
    }
}

/* A service's name becomes the name of a file, so it has letters only. */
static void
read_copies(struct json_reader *reader, struct arena *arena, struct manifest *self)
{
    struct text key;
    if (!json_array_begin(reader))
        return;
    while (json_array_next(reader)) {
        if (self->copy_count == MANIFEST_COPIES_MAX || !json_object_begin(reader)) {
            json_fail(reader, "the stores are not a list of ours");
            return;
        }
        struct manifest_copy *copy = &self->copies[self->copy_count++];
        while (json_object_next(reader, &key))
            read_copy_member(reader, arena, key, copy);
        size_t letters = strspn(copy->service, "abcdefghijklmnopqrstuvwxyz");
        if (letters == 0 || copy->service[letters] != '\0')
            json_fail(reader, "a service's name is none");
    }
}

static void
read_member(struct json_reader *reader, struct arena *arena, struct text key, struct manifest *self)
{
    int64_t format = 0;
    char id[BACKUP_ID_SIZE] = "";
    if (text_is(key, "format")) {
        read_number(reader, &format);
        if (format != MANIFEST_FORMAT)
            json_fail(reader, "it was made by a newer version");
    } else if (text_is(key, "id")) {
        read_text(reader, arena, id, sizeof id);
        if (!backup_id_parse(text_of(id), &self->id))
            json_fail(reader, "the id is none");
    } else if (text_is(key, "version")) {
        read_text(reader, arena, self->version, sizeof self->version);
    } else if (text_is(key, "started_at_ms")) {
        read_number(reader, &self->started_at_ms);
    } else if (text_is(key, "finished_at_ms")) {
        read_number(reader, &self->finished_at_ms);
    } else if (text_is(key, "note")) {
        read_text(reader, arena, self->note, sizeof self->note);
    } else if (text_is(key, "problem")) {
        read_text(reader, arena, self->problem, sizeof self->problem);
    } else if (text_is(key, "stores")) {
        read_copies(reader, arena, self);
    } else {
        json_skip(reader);
    }
}

enum status
manifest_read(const char *folder, const char *name, struct manifest *self, struct problem *problem)
{
    CLEANUP(buffer_release) struct buffer content = {0};
    struct text body, key;
    enum status status = envelope_read(folder, name, &content, &body, problem);
    if (status != STATUS_OK)
        return status;
    struct manifest read = {0};
    struct json_reader reader;
    struct arena arena;
    arena_init(&arena, TEXTS_MAX);
    json_reader_init(&reader, body);
    if (json_object_begin(&reader))
        while (json_object_next(&reader, &key))
            read_member(&reader, &arena, key, &read);
    bool good = json_reader_end(&reader);
    if (good)
        *self = read;
    else
        problem_set(problem, "%s: %s", name, json_reader_problem(&reader));
    arena_release(&arena);
    return good ? STATUS_OK : STATUS_DATA_LOSS;
}

enum status
verification_write(const struct verification *self, const char *folder, struct problem *problem)
{
    CLEANUP(buffer_release) struct buffer body = {0};
    struct json_writer writer;
    json_writer_init(&writer, &body);
    json_write_object_begin(&writer);
    write_number(&writer, "verified_at_ms", (uint64_t)self->at_ms);
    json_write_key(&writer, "good");
    json_write_boolean(&writer, self->good);
    write_member(&writer, "problem", self->problem);
    json_write_object_end(&writer);
    return envelope_write(folder, "verified.json", buffer_text(&body), problem);
}

enum status
verification_read(const char *folder, struct verification *self, struct problem *problem)
{
    CLEANUP(buffer_release) struct buffer content = {0};
    struct text body, key;
    enum status status = envelope_read(folder, "verified.json", &content, &body, problem);
    if (status != STATUS_OK)
        return status;
    struct verification read = {0};
    struct json_reader reader;
    struct arena arena;
    arena_init(&arena, TEXTS_MAX);
    json_reader_init(&reader, body);
    if (json_object_begin(&reader))
        while (json_object_next(&reader, &key)) {
            if (text_is(key, "verified_at_ms"))
                read_number(&reader, &read.at_ms);
            else if (text_is(key, "good"))
                json_read_boolean(&reader, &read.good);
            else if (text_is(key, "problem"))
                read_text(&reader, &arena, read.problem, sizeof read.problem);
            else
                json_skip(&reader);
        }
    bool good = json_reader_end(&reader);
    if (good)
        *self = read;
    else
        problem_set(problem, "verified.json: %s", json_reader_problem(&reader));
    arena_release(&arena);
    return good ? STATUS_OK : STATUS_DATA_LOSS;
}
