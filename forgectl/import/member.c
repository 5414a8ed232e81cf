#include "forgectl/import/member.h"

enum import_member
import_member_of(struct text key)
{
    static const struct {
        const char *name;
        enum import_member member;
    } names[] = {
        {"content", MEMBER_CONTENT},
        {"text", MEMBER_CONTENT},
        {"body", MEMBER_CONTENT},
        {"memory", MEMBER_CONTENT},
        {"title", MEMBER_TITLE},
        {"name", MEMBER_TITLE},
        {"subject", MEMBER_TITLE},
        {"kind", MEMBER_KIND},
        {"type", MEMBER_KIND},
        {"memory_type", MEMBER_KIND},
        {"category", MEMBER_KIND},
        {"tags", MEMBER_TAGS},
        {"labels", MEMBER_TAGS},
        {"keywords", MEMBER_TAGS},
        {"project", MEMBER_PROJECT},
        {"repository", MEMBER_PROJECT},
        {"repo", MEMBER_PROJECT},
        {"scope", MEMBER_SCOPE},
        {"created_at", MEMBER_CREATED},
        {"created_at_iso", MEMBER_CREATED},
        {"createdAt", MEMBER_CREATED},
        {"created", MEMBER_DATE},
        {"timestamp", MEMBER_DATE},
        {"date", MEMBER_DATE},
        {"pinned", MEMBER_PINNED},
        {"pin", MEMBER_PINNED},
        {"id", MEMBER_ID},
        {"_id", MEMBER_ID},
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (text_is(key, names[i].name))
            return names[i].member;
    return MEMBER_UNKNOWN;
}
