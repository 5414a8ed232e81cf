#include "context-svc/tenants.h"

#include <stdlib.h>

#include "records.pb-c.h"

#include "common/base/buffer.h"
#include "common/base/clock.h"
#include "common/base/memory.h"

struct context_tenant {
    struct text name; /* bytes owned */
    uint32_t number;
    bool committed;
    bool touched;
    struct index *index;
    uint64_t last_change;
    uint64_t staged_change;
    struct context_tenant_view *view;
};

struct context_tenants {
    struct context_tenant **all;
    size_t count;
    uint32_t newest_number;
};

static void
tenant_destroy(struct context_tenant **self_p)
{
    struct context_tenant *self = TAKE(*self_p);
    if (!self)
        return;
    context_tenant_view_unref(&self->view);
    index_close(&self->index);
    free((char *)self->name.data);
    free(self);
}

struct context_tenants *
context_tenants_create(void)
{
    return memory_new(sizeof(struct context_tenants));
}

static void
clear(struct context_tenants *self)
{
    for (size_t i = 0; i < self->count; i++)
        tenant_destroy(&self->all[i]);
    free(self->all);
    self->all = NULL;
    self->count = 0;
    self->newest_number = TENANT_PROOF;
}

void
context_tenants_destroy(struct context_tenants **self_p)
{
    struct context_tenants *self = TAKE(*self_p);
    if (!self)
        return;
    clear(self);
    free(self);
}

static void
renew_view(struct context_tenant *self)
{
    context_tenant_view_unref(&self->view);
    struct index_view *index = index_publish(self->index);
    self->view = context_tenant_view_create(self->name, self->number, &index, self->last_change);
}

static struct context_tenant *
add(struct context_tenants *self, struct text name, uint32_t number, struct index **index_p)
{
    struct context_tenant *tenant = memory_new(sizeof *tenant);
    tenant->name = text_from(text_copy(name), name.length);
    tenant->number = number;
    tenant->index = TAKE(*index_p);
    self->all = memory_resize(self->all, (self->count + 1) * sizeof(struct context_tenant *));
    self->all[self->count++] = tenant;
    if (number > self->newest_number)
        self->newest_number = number;
    return tenant;
}

/* The newest row of the change log. */
static enum status
read_last_change(const struct store_snapshot *snapshot, struct context_tenant *tenant)
{
    struct context_key from = context_key_table('c', tenant->number);
    struct context_key to = context_key_end(&from);
    CLEANUP(store_scan_destroy)
    struct store_scan *scan =
        store_scan_create(snapshot, context_key_text(&from), context_key_text(&to), true);
    struct text key;
    struct text value;
    if (store_scan_next(scan, &key, &value))
        tenant->last_change = context_key_number(key, 8);
    return store_scan_status(scan);
}

static enum status
load_one(struct context_tenants *self, const struct store_snapshot *snapshot, struct text key,
    struct text value, struct problem *problem)
{
    Context__TenantRecord *record =
        context__tenant_record__unpack(NULL, value.length, (const uint8_t *)value.data);
    if (!record) {
        problem_set(problem, "the record of a tenant is damaged: restore a backup");
        return STATUS_DATA_LOSS;
    }
    uint32_t number = record->number;
    context__tenant_record__free_unpacked(record, NULL);
    struct index *index = NULL;
    enum status status = index_open(snapshot, number, &index, problem);
    if (status != STATUS_OK)
        return status;
    struct context_tenant *tenant =
        add(self, text_from(key.data + 1, key.length - 1), number, &index);
    tenant->committed = true;
    status = read_last_change(snapshot, tenant);
    if (status != STATUS_OK) {
        problem_set(problem, "the change log of a tenant cannot be read: restore a backup");
        return status;
    }
    renew_view(tenant);
    return STATUS_OK;
}

/* The health proof's: always there, with no record. */
static enum status
add_proof(
    struct context_tenants *self, const struct store_snapshot *snapshot, struct problem *problem)
{
    struct index *index = NULL;
    enum status status = index_open(snapshot, TENANT_PROOF, &index, problem);
    if (status != STATUS_OK)
        return status;
    struct context_tenant *tenant = add(self, TEXT(""), TENANT_PROOF, &index);
    tenant->committed = true;
    renew_view(tenant);
    return STATUS_OK;
}

enum status
context_tenants_load(
    struct context_tenants *self, const struct store_snapshot *snapshot, struct problem *problem)
{
    clear(self);
    enum status proof = add_proof(self, snapshot, problem);
    if (proof != STATUS_OK)
        return proof;
    struct context_key from = context_key_letter('T');
    struct context_key to = context_key_end(&from);
    CLEANUP(store_scan_destroy)
    struct store_scan *scan =
        store_scan_create(snapshot, context_key_text(&from), context_key_text(&to), false);
    struct text key;
    struct text value;
    while (store_scan_next(scan, &key, &value)) {
        enum status status = load_one(self, snapshot, key, value, problem);
        if (status != STATUS_OK)
            return status;
    }
    enum status status = store_scan_status(scan);
    if (status != STATUS_OK)
        problem_set(problem, "the table of tenants cannot be read: restore a backup");
    return status;
}

size_t
context_tenants_count(const struct context_tenants *self)
{
    return self->count;
}

bool
context_tenants_are_new(const struct context_tenants *self)
{
    for (size_t i = 0; i < self->count; i++)
        if (self->all[i]->number != TENANT_PROOF && self->all[i]->committed)
            return false;
    return true;
}

struct context_tenant *
context_tenants_at(const struct context_tenants *self, size_t at)
{
    return self->all[at];
}

struct context_tenant *
context_tenants_find(const struct context_tenants *self, struct text name)
{
    for (size_t i = 0; i < self->count; i++)
        if (text_equals(self->all[i]->name, name))
            return self->all[i];
    return NULL;
}

struct context_tenant *
context_tenants_by_number(const struct context_tenants *self, uint32_t number)
{
    for (size_t i = 0; i < self->count; i++)
        if (self->all[i]->number == number)
            return self->all[i];
    return NULL;
}

enum status
context_tenants_add(struct context_tenants *self, struct text name,
    const struct store_snapshot *snapshot, struct context_tenant **tenant, struct problem *problem)
{
    struct index *index = NULL;
    uint32_t number = self->newest_number + 1;
    enum status status = index_open(snapshot, number, &index, problem);
    if (status != STATUS_OK)
        return status;
    *tenant = add(self, name, number, &index);
    return STATUS_OK;
}

uint32_t
context_tenant_number(const struct context_tenant *self)
{
    return self->number;
}

struct index *
context_tenant_index(struct context_tenant *self)
{
    self->touched = true;
    return self->index;
}

void
context_tenant_note_change(struct context_tenant *self, uint64_t sequence)
{
    self->touched = true;
    self->staged_change = sequence;
}

void
context_tenant_stage(struct context_tenant *self, struct context_stage *stage)
{
    if (self->committed)
        return;
    Context__TenantRecord record = CONTEXT__TENANT_RECORD__INIT;
    record.number = self->number;
    record.created_at_ms = clock_wall_ms();
    uint8_t packed[64];
    size_t size = context__tenant_record__pack(&record, packed);
    struct context_key key = context_key_tenant(self->name);
    self->touched = true;
    context_stage_put(stage, &key, text_from(packed, size));
}

bool
context_tenant_is_touched(const struct context_tenant *self)
{
    return self->touched;
}

bool
context_tenant_is_committed(const struct context_tenant *self)
{
    return self->committed;
}

void
context_tenants_publish(struct context_tenants *self)
{
    for (size_t i = 0; i < self->count; i++) {
        struct context_tenant *tenant = self->all[i];
        if (!tenant->touched)
            continue;
        tenant->touched = false;
        tenant->committed = true;
        if (tenant->staged_change)
            tenant->last_change = tenant->staged_change;
        tenant->staged_change = 0;
        renew_view(tenant);
    }
}

void
context_tenants_discard(struct context_tenants *self)
{
    for (size_t i = 0; i < self->count; i++) {
        struct context_tenant *tenant = self->all[i];
        if (!tenant->touched)
            continue;
        tenant->touched = false;
        tenant->staged_change = 0;
        index_discard(tenant->index);
    }
}

struct context_tenant_view **
context_tenants_views(const struct context_tenants *self, size_t *count)
{
    struct context_tenant_view **views = memory_array(self->count + 1, sizeof *views);
    *count = 0;
    for (size_t i = 0; i < self->count; i++)
        if (self->all[i]->view)
            views[(*count)++] = context_tenant_view_ref(self->all[i]->view);
    return views;
}
