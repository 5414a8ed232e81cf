#include "context-svc/notes.h"

#include "common/base/hash.h"

uint64_t
context_principal_hash(struct text tenant, struct text name)
{
    uint64_t parts[2] = {hash_fnv1a(tenant), hash_fnv1a(name)};
    return hash_fnv1a(text_from(parts, sizeof parts));
}
