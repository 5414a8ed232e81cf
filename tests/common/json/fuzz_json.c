/* Reads arbitrary bytes in two ways, whole and value by value, which must agree; what was read is
 * written again and must read back as the same bytes. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "common/base/memory.h"
#include "common/json/reader.h"
#include "common/json/writer.h"

/* NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void copy_value(struct json_reader *reader, struct arena *arena, struct json_writer *writer);

static void
copy_object(struct json_reader *reader, struct arena *arena, struct json_writer *writer)
{
    struct text key;
    if (!json_object_begin(reader)) {
        json_write_null(writer);
        return;
    }
    json_write_object_begin(writer);
    while (json_object_next(reader, &key)) {
        json_write_key_text(writer, key);
        copy_value(reader, arena, writer);
    }
    json_write_object_end(writer);
}

static void
copy_array(struct json_reader *reader, struct arena *arena, struct json_writer *writer)
{
    if (!json_array_begin(reader)) {
        json_write_null(writer);
        return;
    }
    json_write_array_begin(writer);
    while (json_array_next(reader))
        copy_value(reader, arena, writer);
    json_write_array_end(writer);
}

static void
copy_scalar(struct json_reader *reader, struct arena *arena, struct json_writer *writer)
{
    struct text text = {0};
    bool boolean = false;
    if (json_peek(reader) == JSON_STRING) {
        json_read_string(reader, arena, &text);
        json_write_text(writer, text);
    } else if (json_peek(reader) == JSON_NUMBER) {
        json_read_raw(reader, &text);
        json_write_raw(writer, text);
    } else if (json_peek(reader) == JSON_NULL) {
        json_read_null(reader);
        json_write_null(writer);
    } else {
        json_read_boolean(reader, &boolean);
        json_write_boolean(writer, boolean);
    }
}

static void
copy_value(struct json_reader *reader, struct arena *arena, struct json_writer *writer)
{
    switch (json_peek(reader)) {
    case JSON_OBJECT: copy_object(reader, arena, writer); break;
    case JSON_ARRAY: copy_array(reader, arena, writer); break;
    default: copy_scalar(reader, arena, writer); break;
    }
}

/* False when the document is refused. */
static bool
copy_document(struct text document, struct buffer *out)
{
    struct arena arena;
    arena_init(&arena, (size_t)16 << 20);
    struct json_reader reader;
    json_reader_init(&reader, document);
    struct json_writer writer;
    json_writer_init(&writer, out);
    copy_value(&reader, &arena, &writer);
    bool is_whole = json_reader_end(&reader);
    assert(is_whole || json_reader_problem(&reader));
    assert(json_reader_offset(&reader) <= document.length);
    arena_release(&arena);
    return is_whole;
}

static void
read_numbers(struct text document)
{
    struct json_reader reader;
    int64_t integer;
    double number;
    json_reader_init(&reader, document);
    bool is_integer = json_read_integer(&reader, &integer);
    json_reader_init(&reader, document);
    bool is_number = json_read_number(&reader, &number);
    assert(!is_integer || is_number || document.length > 1024);
}

enum { KEY_THAT_MAY_GROW = 256 / 6 };

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(memory_free) char *exact = memory_copy(data, size);
    struct text document = text_from(exact, size);
    struct json_reader reader;
    json_reader_init(&reader, document);
    json_skip(&reader);
    bool skipped = json_reader_end(&reader);

    struct buffer once = {0};
    struct buffer twice = {0};
    bool copied = copy_document(document, &once);
    assert(copied == skipped);
    /* Escapes may lengthen a long key beyond what the reader takes, so only most are read again. */
    if (copied && copy_document(buffer_text(&once), &twice))
        assert(text_equals(buffer_text(&once), buffer_text(&twice)));
    else
        assert(!copied || size > KEY_THAT_MAY_GROW);
    read_numbers(document);
    buffer_release(&once);
    buffer_release(&twice);
    return 0;
}
