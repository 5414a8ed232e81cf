#include "gateway/tools/brief.h"

#include "gateway/tools/entry.h"
#include "gateway/tools/limits.h"

uint32_t
brief_max_bytes(const struct argument_value *max_tokens, unsigned fallback)
{
    uint32_t tokens = max_tokens->given ? (uint32_t)max_tokens->integer : fallback;
    /* A quarter is for ids, authors, times and escapes. */
    return tokens * 3 < LIMIT_BRIEF_BYTES ? tokens * 3 : LIMIT_BRIEF_BYTES;
}

static void
write_head(struct json_writer *writer, const Forge__BriefItem *item)
{
    json_write_object_begin(writer);
    if (item->entry)
        entry_write_head(writer, item->entry);
    entry_write_string(writer, "reason", item->reason);
}

/* False when it was cut or is not there at all. */
static bool
write_item(struct budget *budget, const Forge__BriefItem *item)
{
    struct json_writer *writer = budget->writer;
    struct budget_mark mark = budget_mark(budget);
    write_head(writer, item);
    bool whole = budget_write_text(budget, "text", entry_text(item->text), 0);
    json_write_object_end(writer);
    return budget_keep(budget, &mark) && whole;
}

void
brief_write(struct budget *budget, const Forge__BriefReply *reply)
{
    json_write_key(budget->writer, "items");
    json_write_array_begin(budget->writer);
    for (size_t i = 0; i < reply->n_items; i++)
        if (!write_item(budget, reply->items[i]))
            break;
    json_write_array_end(budget->writer);
    json_write_key(budget->writer, "truncated");
    json_write_boolean(budget->writer, budget->cut);
}
