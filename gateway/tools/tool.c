#include "gateway/tools/tool.h"

#include "common/base/nearest.h"
#include "gateway/tools/table.h"

const struct tool *const tools[] = {
    &tool_context_save,
    &tool_context_search,
    &tool_context_get,
    &tool_context_brief,
    &tool_context_update,
    &tool_context_forget,
    &tool_context_list,
    &tool_session_start,
    &tool_session_checkpoint,
    &tool_session_end,
    &tool_session_list,
    &tool_forge_status,
    &tool_metrics_query,
    &tool_backup_run,
    &tool_backup_list,
    &tool_backup_verify,
    &tool_backup_restore,
};

const size_t tool_count = sizeof tools / sizeof *tools;

const struct tool *
tool_find(struct text name)
{
    for (size_t i = 0; i < tool_count; i++)
        if (text_is(name, tools[i]->name))
            return tools[i];
    return NULL;
}

const struct tool *
tool_nearest(struct text name)
{
    struct nearest nearest;
    nearest_init(&nearest, name);
    for (size_t i = 0; i < tool_count; i++)
        nearest_offer(&nearest, text_of(tools[i]->name));
    return nearest.count ? tool_find(nearest.names[0]) : NULL;
}

bool
tool_profile_parse(struct text name, enum tool_profile *profile)
{
    static const char *const names[] = {
        [PROFILE_ALL] = "all", [PROFILE_CORE] = "core", [PROFILE_OPS] = "ops"};
    if (!name.length) {
        *profile = PROFILE_ALL;
        return true;
    }
    for (unsigned i = 0; i < PROFILE_COUNT; i++) {
        if (!text_is(name, names[i]))
            continue;
        *profile = (enum tool_profile)i;
        return true;
    }
    return false;
}

bool
tool_is_in(const struct tool *self, enum tool_profile profile)
{
    if (profile == PROFILE_ALL)
        return true;
    return (profile == PROFILE_OPS) == ((self->flags & TOOL_OPERATIONS) != 0);
}

const struct argument *
tool_header_argument(const struct tool *self)
{
    for (size_t i = 0; i < self->arguments.count; i++)
        if (self->arguments.items[i].flags & ARGUMENT_HEADER)
            return &self->arguments.items[i];
    return NULL;
}
