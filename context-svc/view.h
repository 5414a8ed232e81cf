/* view: what readers see, from one commit to the next; and the board on which it hangs.
 *
 * A view is immutable and reference-counted: a snapshot of the store and, per tenant, the index
 * of the same commit. The writer makes one after each commit and hangs it on the board before
 * anything is acknowledged. Each reading thread has a place of its own on the board, takes the view
 * from it with its reference, and puts it back when the request is done; so taking one costs an
 * atomic exchange and waits for nobody.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/text.h"
#include "common/store/store.h"
#include "context-svc/index/index.h"

/* One tenant at one commit. Immutable and counted too: unchanged tenants pass on to the next view.
 */
struct context_tenant_view;

struct context_tenant_view *context_tenant_view_create(
    struct text name, uint32_t number, struct index_view **index_p, uint64_t last_change);
struct context_tenant_view *context_tenant_view_ref(struct context_tenant_view *self);
void context_tenant_view_unref(struct context_tenant_view **self_p);

uint32_t context_tenant_view_number(const struct context_tenant_view *self);
struct text context_tenant_view_name(const struct context_tenant_view *self);
struct index_view *context_tenant_view_index(const struct context_tenant_view *self);
/* Sequence of the tenant's newest change; 0: none. */
uint64_t context_tenant_view_last_change(const struct context_tenant_view *self);

struct context_view;

/* Takes the snapshot and the references in `tenants`. One reference. */
struct context_view *context_view_create(
    struct store_snapshot **snapshot_p, struct context_tenant_view **tenants, size_t tenant_count);
struct context_view *context_view_ref(struct context_view *self);
void context_view_unref(struct context_view **self_p);

const struct store_snapshot *context_view_snapshot(const struct context_view *self);
uint64_t context_view_sequence(const struct context_view *self);
size_t context_view_tenant_count(const struct context_view *self);
const struct context_tenant_view *context_view_tenant_at(
    const struct context_view *self, size_t at);
/* NULL: this tenant has saved nothing yet. */
const struct context_tenant_view *context_view_tenant(
    const struct context_view *self, struct text name);

/* True once the writer asked for the view back; those who hold it long let it go then. */
bool context_view_is_withdrawn(const struct context_view *self);
/* For the writer, which holds one reference itself. */
bool context_view_is_only_mine(const struct context_view *self);

struct context_view_board;

struct context_view_board *context_view_board_create(size_t places);
void context_view_board_destroy(struct context_view_board **self_p);

/* The writer. The board takes a reference for each place. */
void context_view_board_publish(struct context_view_board *self, struct context_view *view);
/* Takes the view off every place and marks it; call again until context_view_is_only_mine. */
void context_view_board_withdraw(struct context_view_board *self, struct context_view *view);

/* Any thread. True for some seconds after a view was withdrawn: as a rule the next one comes soon.
 */
bool context_view_board_expects_view(const struct context_view_board *self);

/* The thread of this place. NULL while there is none. */
struct context_view *context_view_board_take(struct context_view_board *self, size_t place);
void context_view_board_put_back(
    struct context_view_board *self, size_t place, struct context_view **view_p);
