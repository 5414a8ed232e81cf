/* session_table: which sessions were used lately, and how many; for the registry's thread.
 *
 * A fixed number of places, least recently used first out; some 32 bytes each, allocated once and
 * touched only when used.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { SESSION_TABLE_PLACES = 16384 };

struct session_table;

struct session_table *session_table_create(void);
void session_table_destroy(struct session_table **self_p);

/* session: a hash of its id. */
void session_table_touch(struct session_table *self, uint64_t session, int64_t now_ms);

/* Forgets sessions that were last used at or before then. */
void session_table_expire(struct session_table *self, int64_t before_ms);

size_t session_table_count(const struct session_table *self);

/* When the least recently used one was used; -1 when there is none. */
int64_t session_table_oldest(const struct session_table *self);
