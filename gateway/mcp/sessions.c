#include "gateway/mcp/sessions.h"

#include <stdlib.h>

#include "common/base/clock.h"
#include "common/base/hash.h"
#include "common/base/memory.h"
#include "gateway/mcp/session_registry.h"

enum { KNOWN = 128, REPORT_EVERY_MS = 10000 };

struct known {
    struct mcp_session session;
    int64_t reported_ms;
    size_t length; /* of the id; 0: the place is free */
    char id[MCP_SESSION_ID_BYTES];
};

struct mcp_sessions {
    const struct mcp_session_keys *keys;
    struct mcp_session_reporter *reporter; /* NULL: nobody counts */
    char *home;
    struct known known[KNOWN];
};

struct mcp_sessions *
mcp_sessions_create(const struct mcp_session_keys *keys,
    const struct mcp_session_registry *registry, const char *home)
{
    struct mcp_sessions *self = memory_new(sizeof *self);
    self->keys = keys;
    self->home = text_copy(text_of(home));
    if (registry)
        self->reporter = mcp_session_reporter_create(registry);
    return self;
}

void
mcp_sessions_destroy(struct mcp_sessions **self_p)
{
    if (!*self_p)
        return;
    mcp_session_reporter_destroy(&(*self_p)->reporter);
    free((*self_p)->home);
    free(*self_p);
    *self_p = NULL;
}

static void
report(struct mcp_sessions *self, struct known *known, uint64_t hash)
{
    int64_t now_ms = clock_monotonic_ms();
    if (!self->reporter || (known->reported_ms && now_ms - known->reported_ms < REPORT_EVERY_MS))
        return;
    known->reported_ms = now_ms;
    mcp_session_reporter_report(self->reporter, hash);
}

static struct known *
remember(struct mcp_sessions *self, struct text id, const struct mcp_session *session)
{
    struct known *known = &self->known[hash_fnv1a(id) % KNOWN];
    known->session = *session;
    known->reported_ms = 0;
    known->length = id.length;
    memcpy(known->id, id.data, id.length);
    return known;
}

size_t
mcp_sessions_begin(
    struct mcp_sessions *self, struct mcp_session *session, char out[MCP_SESSION_ID_BYTES])
{
    static const int64_t day_ms = 86400000;
    session->issued_at_ms = clock_wall_ms();
    session->expires_at_ms = session->issued_at_ms + MCP_SESSION_DAYS * day_ms;
    size_t length = mcp_session_id_make(self->keys, self->home, session, out);
    struct text id = text_from(out, length);
    report(self, remember(self, id, session), hash_fnv1a(id));
    return length;
}

const struct mcp_session *
mcp_sessions_find(struct mcp_sessions *self, struct text id, uint64_t principal)
{
    uint64_t hash = hash_fnv1a(id);
    struct known *known = &self->known[hash % KNOWN];
    int64_t now_ms = clock_wall_ms();
    if (!id.length || !text_equals(id, text_from(known->id, known->length))) {
        struct mcp_session session;
        if (!mcp_session_id_read(self->keys, id, now_ms, &session))
            return NULL;
        known = remember(self, id, &session);
    }
    if (known->session.expires_at_ms <= now_ms || known->session.principal != principal)
        return NULL;
    report(self, known, hash);
    return &known->session;
}
