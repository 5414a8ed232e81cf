#include "context-svc/filter.h"

#include "context-svc/entry.h"
#include "context-svc/limits.h"

enum status
context_filter_check(const struct context_filter *self, struct problem *problem)
{
    enum status status =
        context_check_word("project", text_of(self->project), LIMIT_PROJECT_BYTES, problem);
    if (status == STATUS_OK)
        status = context_check_words(
            "kinds", self->kinds, self->kind_count, LIMIT_KINDS, LIMIT_KIND_BYTES, problem);
    if (status == STATUS_OK)
        status = context_check_words(
            "tags", self->tags, self->tag_count, LIMIT_TAGS, LIMIT_TAG_BYTES, problem);
    if (status == STATUS_OK)
        status = context_check_scope(self->scope, problem);
    if (status == STATUS_OK)
        status = context_check_word("author", text_of(self->author), LIMIT_NAME_BYTES, problem);
    return status;
}

bool
context_filter_passes_card(const struct context_filter *self, const Context__Card *card)
{
    return context_words_allow(self->kinds, self->kind_count, card->kind) &&
           context_tags_hold(card->tags, card->n_tags, self->tags, self->tag_count) &&
           (!self->scope || (uint32_t)self->scope == card->scope) &&
           (!self->author[0] || strcmp(self->author, card->author) == 0);
}

bool
context_filter_passes_entry(const struct context_filter *self, const Forge__Entry *entry)
{
    return (!self->project[0] || strcmp(self->project, entry->project) == 0) &&
           context_words_allow(self->kinds, self->kind_count, entry->kind) &&
           context_tags_hold(entry->tags, entry->n_tags, self->tags, self->tag_count) &&
           (!self->scope || self->scope == (int)entry->scope) &&
           (!self->author[0] || strcmp(self->author, entry->author) == 0) &&
           entry->created_at_ms >= self->since_ms;
}
