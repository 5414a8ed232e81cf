#include "gateway/mcp/query.h"

struct text
mcp_query_value(struct text query, const char *name)
{
    struct text wanted = text_of(name);
    while (query.length) {
        const char *end = memchr(query.data, '&', query.length);
        size_t length = end ? (size_t)(end - query.data) : query.length;
        struct text pair = text_from(query.data, length);
        if (pair.length > wanted.length && text_starts_with(pair, wanted) &&
            pair.data[wanted.length] == '=')
            return text_from(pair.data + wanted.length + 1, pair.length - wanted.length - 1);
        size_t taken = length + (end ? 1 : 0);
        query = text_from(query.data + taken, query.length - taken);
    }
    return TEXT("");
}
