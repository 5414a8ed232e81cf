#include "context-svc/index/word.h"

#include <string.h>

/* "9f86d081" or "h264to265" has no parts worth finding. */
enum { SWITCHES_MAX = 2 };

void
index_word_begin(struct index_word *self, uint32_t from)
{
    self->length = 0;
    self->part_count = 0;
    self->run_first_part = 0;
    self->run_switches = 0;
    self->capitals = 0;
    self->cut = false;
    self->last = INDEX_BREAK;
    self->from = from;
    self->to = from;
}

static void
begin_part(struct index_word *self, uint32_t from)
{
    self->parts[self->part_count++] =
        (struct index_part){.start = self->length, .end = self->length, .from = from, .to = from};
}

/* In "HTTPHeader" the part that began with "HTTPH" gives its last letter to the next one. */
static void
give_capital(struct index_word *self)
{
    struct index_part *part = &self->parts[self->part_count - 1];
    struct index_part next = {
        .start = self->capital_start,
        .end = part->end,
        .from = self->capital_from,
        .to = part->to,
    };
    part->end = self->capital_start;
    part->to = self->capital_from;
    self->parts[self->part_count++] = next;
}

/* The plural of an acronym, "URLs", is one part. */
static bool
is_plural_ending(const struct index_character *character, bool ends)
{
    return ends && character->size == 1 && character->folded[0] == 's';
}

static void
find_border(
    struct index_word *self, const struct index_character *character, uint32_t from, bool ends)
{
    bool breaks = self->last == INDEX_BREAK;
    bool was_digit = self->last == INDEX_DIGIT;
    bool is_digit = character->kind == INDEX_DIGIT;
    bool switches = !breaks && was_digit != is_digit;
    bool rises = character->kind == INDEX_UPPER && self->last == INDEX_LOWER;
    if (switches)
        self->run_switches++;
    if (breaks || switches || rises) {
        begin_part(self, from);
    } else if (character->kind == INDEX_LOWER && self->capitals > 1 &&
               !is_plural_ending(character, ends)) {
        give_capital(self);
    }
}

void
index_word_add(
    struct index_word *self, const struct index_character *character, uint32_t from, bool ends)
{
    uint32_t to = from + character->size;
    self->to = to;
    if (self->cut)
        return;
    if (character->kind == INDEX_MARK) {
        if (self->part_count)
            self->parts[self->part_count - 1].to = to;
        return;
    }
    if (self->length + character->folded_size > INDEX_WORD_MAX) {
        self->cut = true;
        return;
    }
    find_border(self, character, from, ends);
    if (character->kind == INDEX_UPPER) {
        self->capitals++;
        self->capital_start = self->length;
        self->capital_from = from;
    } else {
        self->capitals = 0;
    }
    memcpy(self->folded + self->length, character->folded, character->folded_size);
    self->length = (uint8_t)(self->length + character->folded_size);
    struct index_part *part = &self->parts[self->part_count - 1];
    part->end = self->length;
    part->to = to;
    self->last = character->kind;
}

void
index_word_end_run(struct index_word *self)
{
    if (self->cut) {
        self->part_count = 1;
        self->parts[0] = (struct index_part){
            .start = 0, .end = self->length, .from = self->from, .to = self->to};
    } else if (self->run_switches > SWITCHES_MAX) {
        struct index_part *first = &self->parts[self->run_first_part];
        const struct index_part *last = &self->parts[self->part_count - 1];
        first->end = last->end;
        first->to = last->to;
        self->part_count = (uint8_t)(self->run_first_part + 1);
    }
    self->run_first_part = self->part_count;
    self->run_switches = 0;
    self->capitals = 0;
    self->last = INDEX_BREAK;
}
