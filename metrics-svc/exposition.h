/* exposition: the newest numbers of the whole cluster in Prometheus' text format.
 *
 * Every sample bears the labels program, instance and host. forge_up says for each known program
 * whether it still pushes; the numbers of one that does not are left out, so that nobody takes them
 * for its present state. forge_build_info tells versions. Where two programs give one name
 * different types the first type holds, and the other program's samples are left out.
 */
#pragma once

#include "common/base/arena.h"
#include "metrics-svc/presence.h"

enum { EXPOSITION_ARENA_BYTES = 64 << 20 };

/* arena: for the unpacked pushes. RESOURCE_EXHAUSTED: they do not fit. */
enum status exposition_render(const struct presence *presence, int64_t clock_ms,
    struct arena *arena, struct buffer *out) MUST_CHECK;
