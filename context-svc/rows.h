/* rows: all records of one entry, kept in step.
 *
 * Stages the entry, its places in the orders and tables of keys.h, its index document, its counts
 * and its change. Only operations that have finished their checks call these; they cannot refuse.
 * Damage met here spoils the group (context_writer_spoil).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "context-svc/write.h"

/* A new entry: gives it id, version 1 and its sequence. */
void context_rows_insert(struct context_write *self, Forge__Entry *entry, uint8_t flags);

/* Its next version; the old one goes to the history. Gives `entry` version, sequence and hash. */
void context_rows_revise(
    struct context_write *self, const Forge__Entry *old, Forge__Entry *entry, uint8_t flags);

/* A change that is no new version: superseded by another. */
void context_rows_amend(struct context_write *self, const Forge__Entry *entry, uint8_t flags);

/* All of it, its history included; a tombstone without text stays. */
void context_rows_forget(struct context_write *self, const Forge__Entry *entry, uint8_t flags);

/* The entry of the same text in the same place; NOT_FOUND when there is none to be seen. */
enum status context_rows_find_same(struct context_write *self, const Forge__Entry *like,
    Forge__Entry **entry, uint8_t *flags) MUST_CHECK;
