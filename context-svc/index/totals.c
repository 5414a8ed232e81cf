#include "context-svc/index/totals.h"

#include "context-svc/index/forward.h"

struct constants {
    const char *kind;
    float k1, b;
};

/* Turns of a conversation are short and say things once; in code a longer piece holds more by
 * chance. The first row is for all others. */
static const struct constants table[] = {
    {"", 1.2F, 0.5F},
    {"snippet", 1.2F, 0.75F},
    {"turn", 0.9F, 0.3F},
};

static const struct constants *
constants_of(struct text kind)
{
    for (size_t i = 1; i < sizeof table / sizeof *table; i++)
        if (text_is(kind, table[i].kind))
            return &table[i];
    return &table[0];
}

uint8_t
index_totals_slot(struct index_totals *self, uint32_t number, struct text kind)
{
    for (uint32_t i = 0; i < self->kind_count; i++)
        if (self->kinds[i].kind == number)
            return (uint8_t)i;
    if (self->kind_count == INDEX_KIND_SLOTS)
        return INDEX_KIND_SLOTS - 1;
    const struct constants *constants = constants_of(kind);
    self->kinds[self->kind_count] =
        (struct index_kind_total){.kind = number, .k1 = constants->k1, .b = constants->b};
    return (uint8_t)self->kind_count++;
}

void
index_totals_add(struct index_totals *self, uint8_t slot, uint32_t units, uint32_t tokens)
{
    self->documents++;
    self->kinds[slot].documents++;
    self->kinds[slot].units += units;
    self->kinds[slot].tokens += tokens;
}

void
index_totals_remove(struct index_totals *self, uint8_t slot, uint32_t units, uint32_t tokens)
{
    self->documents--;
    self->kinds[slot].documents--;
    self->kinds[slot].units -= units;
    self->kinds[slot].tokens -= tokens;
}

void
index_totals_scales(const struct index_totals *self, struct index_scale scales[INDEX_KIND_SLOTS])
{
    for (uint32_t i = 0; i < self->kind_count; i++) {
        const struct index_kind_total *kind = &self->kinds[i];
        float tokens = (float)(kind->tokens ? kind->tokens : 1);
        float k1 = kind->k1 * INDEX_WEIGHT_ONE;
        float base = k1 * (1 - kind->b);
        scales[i] = (struct index_scale){
            .k1 = kind->k1,
            .unit_base = base,
            .unit_slope = k1 * kind->b * (float)kind->units / tokens,
            .document_base = base,
            .document_slope = k1 * kind->b * (float)kind->documents / tokens,
        };
    }
}
