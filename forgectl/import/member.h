/* member: the names under which others keep what an entry has. */
#pragma once

#include "common/base/text.h"

enum import_member {
    MEMBER_UNKNOWN,
    MEMBER_CONTENT,
    MEMBER_TITLE,
    MEMBER_KIND,
    MEMBER_TAGS,
    MEMBER_PROJECT,
    MEMBER_SCOPE,
    MEMBER_CREATED, /* must hold a time */
    MEMBER_DATE,    /* may hold a time */
    MEMBER_PINNED,
    MEMBER_ID,
};

/* By a key of JSON or of front matter. */
enum import_member import_member_of(struct text key);
