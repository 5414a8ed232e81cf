#include "forgectl/bridge/output.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "common/base/buffer.h"
#include "common/json/writer.h"
#include "forgectl/cli/view.h"

static void
write_all(struct bridge_output *self, struct text bytes)
{
    while (bytes.length > 0 && !self->has_failed) {
        ssize_t size = write(self->fd, bytes.data, bytes.length);
        if (size > 0) {
            bytes = text_from(bytes.data + size, bytes.length - (size_t)size);
            continue;
        }
        struct pollfd room = {.fd = self->fd, .events = POLLOUT};
        if (errno == EAGAIN)
            (void)poll(&room, 1, 1000);
        else if (errno != EINTR)
            self->has_failed = true;
    }
}

void
bridge_output_message(struct bridge_output *self, struct text message)
{
    CLEANUP(buffer_release) struct buffer line = {0};
    buffer_add_text(&line, message);
    for (size_t i = 0; i < line.length; i++)
        if (line.data[i] == '\n' || line.data[i] == '\r')
            line.data[i] = ' ';
    buffer_add_byte(&line, '\n');
    write_all(self, buffer_text(&line));
}

static void
write_error(struct bridge_output *self, struct text id, struct text error)
{
    CLEANUP(buffer_release) struct buffer message = {0};
    buffer_format(&message, "{\"jsonrpc\":\"2.0\",\"id\":%.*s,\"error\":%.*s}", TEXT_FORMAT(id),
        TEXT_FORMAT(error));
    bridge_output_message(self, buffer_text(&message));
}

void
bridge_output_error(struct bridge_output *self, struct text ids, struct text error)
{
    CLEANUP(buffer_release) struct buffer list = {0};
    buffer_format(&list, "[%.*s]", TEXT_FORMAT(ids));
    struct view_walk walk;
    view_walk_begin(&walk, buffer_text(&list));
    while (view_walk_next(&walk))
        write_error(self, walk.value, error);
}

void
bridge_output_words(struct bridge_output *self, struct text ids, int code, const char *words)
{
    CLEANUP(buffer_release) struct buffer error = {0};
    struct json_writer writer;
    json_writer_init(&writer, &error);
    json_write_object_begin(&writer);
    json_write_key(&writer, "code");
    json_write_integer(&writer, code);
    json_write_key(&writer, "message");
    json_write_string(&writer, words);
    json_write_object_end(&writer);
    bridge_output_error(self, ids, buffer_text(&error));
}
