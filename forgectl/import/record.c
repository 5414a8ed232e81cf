#include "forgectl/import/record.h"

#include <stdio.h>

#include "common/json/reader.h"
#include "forgectl/import/member.h"
#include "forgectl/import/moment.h"

/* A string into an empty field; the first of several names wins. */
static void
read_text(struct json_reader *reader, struct arena *arena, struct text *field)
{
    struct text value = {NULL, 0};
    if (json_read_string(reader, arena, &value) && field->length == 0)
        *field = value;
}

static void
read_kind(struct json_reader *reader, struct arena *arena, struct import_entry *entry)
{
    struct text words = {NULL, 0};
    if (json_read_string(reader, arena, &words) && entry->kind.length == 0)
        import_entry_set_kind(entry, words, arena_new(arena, IMPORT_KIND_MAX + 1));
}

static void
read_tags(struct json_reader *reader, struct arena *arena, struct import_entry *entry)
{
    struct text tag = {NULL, 0};
    if (json_peek(reader) == JSON_STRING) {
        if (json_read_string(reader, arena, &tag))
            import_entry_add_tags(entry, tag);
        return;
    }
    if (!json_array_begin(reader))
        return;
    while (json_array_next(reader))
        if (json_read_string(reader, arena, &tag))
            import_entry_add_tag(entry, tag);
}

/* A name that means creation must hold a time; a mere "date" may hold anything. */
static void
read_moment(
    struct json_reader *reader, struct arena *arena, struct import_entry *entry, bool must_be_time)
{
    char *moment = arena_new(arena, IMPORT_MOMENT_SIZE);
    bool is_moment = false;
    struct text words = {NULL, 0};
    int64_t number = 0;
    enum json_type type = json_peek(reader);
    if (type == JSON_STRING)
        is_moment = json_read_string(reader, arena, &words) && import_moment_of_text(words, moment);
    else if (type == JSON_NUMBER && must_be_time)
        is_moment = json_read_integer(reader, &number) && import_moment_of_number(number, moment);
    else
        (void)json_skip(reader);
    if (is_moment && entry->created_at.length == 0)
        entry->created_at = text_of(moment);
    if (!is_moment && must_be_time)
        json_fail(reader, "it must be a time such as 2026-11-24T07:30:00Z, or seconds since 1970");
}

static void
read_scope(struct json_reader *reader, struct arena *arena, struct import_entry *entry)
{
    read_text(reader, arena, &entry->scope);
    if (!text_is(entry->scope, "private") && !text_is(entry->scope, "project") &&
        !text_is(entry->scope, "team"))
        json_fail(reader, "it must be private, project or team");
}

static void
read_id(struct json_reader *reader, struct arena *arena, struct import_entry *entry)
{
    struct text id = {NULL, 0};
    enum json_type type = json_peek(reader);
    bool is_read =
        type == JSON_STRING ? json_read_string(reader, arena, &id) : json_read_raw(reader, &id);
    if (is_read && (type == JSON_STRING || type == JSON_NUMBER) && id.length > 0 &&
        id.length < IMPORT_TAG_MAX)
        import_entry_add_tag(entry, text_of(arena_format(arena, "id:%.*s", TEXT_FORMAT(id))));
}

static void
read_member(struct json_reader *reader, struct arena *arena, enum import_member member,
    struct import_entry *entry)
{
    if (json_peek(reader) == JSON_NULL) {
        (void)json_read_null(reader);
        return;
    }
    switch (member) {
    case MEMBER_CONTENT: read_text(reader, arena, &entry->content); break;
    case MEMBER_TITLE: read_text(reader, arena, &entry->title); break;
    case MEMBER_KIND: read_kind(reader, arena, entry); break;
    case MEMBER_TAGS: read_tags(reader, arena, entry); break;
    case MEMBER_PROJECT: read_text(reader, arena, &entry->project); break;
    case MEMBER_SCOPE: read_scope(reader, arena, entry); break;
    case MEMBER_CREATED: read_moment(reader, arena, entry, true); break;
    case MEMBER_DATE: read_moment(reader, arena, entry, false); break;
    case MEMBER_PINNED: (void)json_read_boolean(reader, &entry->pinned); break;
    case MEMBER_ID: read_id(reader, arena, entry); break;
    case MEMBER_UNKNOWN: (void)json_skip(reader); break;
    }
}

enum status
import_record_check(const struct import_entry *entry, struct problem *problem)
{
    if (text_trim(entry->content).length == 0)
        return STATUS_FAILED_PRECONDITION;
    if (entry->content.length > IMPORT_CONTENT_MAX) {
        problem_set(problem, "the text is %zu KiB long, an entry holds %d KiB: split it",
            entry->content.length >> 10, IMPORT_CONTENT_MAX >> 10);
        return STATUS_INVALID_ARGUMENT;
    }
    return STATUS_OK;
}

enum status
import_record_read(
    struct text line, struct arena *arena, struct import_entry *entry, struct problem *problem)
{
    struct json_reader reader;
    json_reader_init(&reader, line);
    if (json_peek(&reader) != JSON_OBJECT) {
        problem_set(problem, "not a JSON object: each line must be one, with a \"content\"");
        return STATUS_INVALID_ARGUMENT;
    }
    char name[40] = "";
    struct text key;
    if (json_object_begin(&reader))
        while (json_object_next(&reader, &key)) {
            (void)snprintf(name, sizeof(name), "%.*s", TEXT_FORMAT(text_cut(key, 39)));
            read_member(&reader, arena, import_member_of(key), entry);
        }
    if (!json_reader_end(&reader)) {
        problem_set(problem, "%s%s%s (byte %zu)", name, name[0] != '\0' ? ": " : "",
            json_reader_problem(&reader), json_reader_offset(&reader) + 1);
        return STATUS_INVALID_ARGUMENT;
    }
    if (text_trim(entry->content).length == 0)
        entry->content = entry->title;
    return import_record_check(entry, problem);
}
