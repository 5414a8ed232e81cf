/* tenants: the writer's table of tenants, each with its number and its index.
 *
 * A tenant gets its number with its first write, in the same batch. The writer's thread alone
 * touches the table; readers see tenants through views.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/problem.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "context-svc/index/index.h"
#include "context-svc/stage.h"
#include "context-svc/view.h"

struct context_tenants;
struct context_tenant;

struct context_tenants *context_tenants_create(void);
void context_tenants_destroy(struct context_tenants **self_p);

/* Forgets the table and reads it and all indexes from the snapshot. */
enum status context_tenants_load(struct context_tenants *self,
    const struct store_snapshot *snapshot, struct problem *problem) MUST_CHECK;

/* With the health proof's, which comes first and is always there. */
size_t context_tenants_count(const struct context_tenants *self);
/* No tenant has written anything yet. */
bool context_tenants_are_new(const struct context_tenants *self);
struct context_tenant *context_tenants_at(const struct context_tenants *self, size_t at);
/* NULL: there is none of this name. */
struct context_tenant *context_tenants_find(const struct context_tenants *self, struct text name);
struct context_tenant *context_tenants_by_number(
    const struct context_tenants *self, uint32_t number);
/* Adds one, which the next batch must tell (context_tenant_stage). */
enum status context_tenants_add(struct context_tenants *self, struct text name,
    const struct store_snapshot *snapshot, struct context_tenant **tenant,
    struct problem *problem) MUST_CHECK;

uint32_t context_tenant_number(const struct context_tenant *self);
/* For changes; the tenant then gets a new view with the next commit. */
struct index *context_tenant_index(struct context_tenant *self);
/* A change of this tenant has this sequence in the batch. */
void context_tenant_note_change(struct context_tenant *self, uint64_t sequence);
/* Puts the tenant's own record into the batch, when no commit holds it yet. */
void context_tenant_stage(struct context_tenant *self, struct context_stage *stage);
bool context_tenant_is_touched(const struct context_tenant *self);
/* A commit holds its record. */
bool context_tenant_is_committed(const struct context_tenant *self);

/* After the commit: what was staged counts, or is forgotten. */
void context_tenants_publish(struct context_tenants *self);
void context_tenants_discard(struct context_tenants *self);

/* The newest view of each that has one, with a reference, in an array for free(). */
struct context_tenant_view **context_tenants_views(
    const struct context_tenants *self, size_t *count);
