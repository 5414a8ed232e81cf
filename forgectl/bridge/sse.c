#include "forgectl/bridge/sse.h"

void
sse_release(struct sse *self)
{
    buffer_release(&self->line);
    buffer_release(&self->data);
}

static void
end_event(struct sse *self, void (*on_event)(void *argument, struct text data), void *argument)
{
    if (self->has_data && self->data.length > 0)
        on_event(argument, buffer_text(&self->data));
    buffer_clear(&self->data);
    self->has_data = false;
}

static void
take_data(struct sse *self, struct text value)
{
    if (value.length > 0 && value.data[0] == ' ')
        value = text_from(value.data + 1, value.length - 1);
    if (self->has_data)
        buffer_add_byte(&self->data, '\n');
    self->has_data = true;
    buffer_add_text(&self->data, value);
    self->is_broken = self->data.length > SSE_EVENT_MAX;
}

static void
end_line(struct sse *self, void (*on_event)(void *argument, struct text data), void *argument)
{
    struct text line = buffer_text(&self->line);
    if (line.length == 0)
        end_event(self, on_event, argument);
    else if (text_starts_with(line, TEXT("data:")))
        take_data(self, text_from(line.data + 5, line.length - 5));
    buffer_clear(&self->line);
}

void
sse_feed(struct sse *self, struct text bytes, void (*on_event)(void *argument, struct text data),
    void *argument)
{
    for (size_t i = 0; i < bytes.length && !self->is_broken; i++) {
        char c = bytes.data[i];
        bool is_second = c == '\n' && self->after_cr;
        self->after_cr = c == '\r';
        if (is_second)
            continue;
        if (c == '\n' || c == '\r') {
            end_line(self, on_event, argument);
            continue;
        }
        buffer_add_byte(&self->line, c);
        self->is_broken = self->line.length > SSE_EVENT_MAX;
    }
}
