#include "common/rpc/methods.h"

#include <stdio.h>
#include <stdlib.h>

#include "health.pb-c.h"

#include "common/base/hash.h"
#include "common/base/memory.h"

static const char ping_name[] = "forge.Health/Ping";

struct rpc_methods {
    struct rpc_method *slots; /* open addressing; name NULL: free */
    size_t mask;
};

static char *
full_name(const char *service, const char *method)
{
    size_t size = strlen(service) + strlen(method) + 2;
    char *name = memory_new(size);
    snprintf(name, size, "%s/%s", service, method);
    return name;
}

static struct rpc_method *
slot_for(const struct rpc_methods *self, struct text name)
{
    size_t at = (size_t)hash_fnv1a(name) & self->mask;
    while (self->slots[at].name && !text_is(name, self->slots[at].name))
        at = (at + 1) & self->mask;
    return &self->slots[at];
}

struct rpc_method *
rpc_methods_find(const struct rpc_methods *self, struct text name)
{
    struct rpc_method *method = slot_for(self, name);
    return method->name ? method : NULL;
}

static const struct rpc_rule *
rule_for(const struct rpc_server_options *options, const char *service, const char *method)
{
    for (size_t i = 0; i < options->rule_count; i++)
        if (strcmp(options->rules[i].service->name, service) == 0 &&
            strcmp(options->rules[i].method, method) == 0)
            return &options->rules[i];
    return NULL;
}

static enum status
add_method(struct rpc_methods *self, const struct rpc_server_options *options,
    ProtobufCService *service, unsigned index, struct problem *problem)
{
    const ProtobufCMethodDescriptor *descriptor = &service->descriptor->methods[index];
    const struct rpc_rule *rule = rule_for(options, service->descriptor->name, descriptor->name);
    CLEANUP(memory_free) char *name = full_name(service->descriptor->name, descriptor->name);
    struct rpc_method *method = slot_for(self, text_of(name));
    if (method->name) {
        if (!method->service)
            return STATUS_OK; /* Ping, which the server answers in any case */
        problem_set(problem, "%s is offered twice", name);
        return STATUS_INVALID_ARGUMENT;
    }
    if (!rule) {
        problem_set(problem, "%s has no rule", name);
        return STATUS_INVALID_ARGUMENT;
    }
    if (rule->lane > options->lane_count) {
        problem_set(problem, "%s belongs to lane %u, which does not exist", name, rule->lane);
        return STATUS_INVALID_ARGUMENT;
    }
    *method = (struct rpc_method){
        .name = TAKE(name),
        .service = service,
        .index = index,
        .input = descriptor->input,
        .lane = rule->lane,
        .roles = rule->roles,
    };
    return STATUS_OK;
}

static enum status
check_rules(const struct rpc_methods *self, const struct rpc_server_options *options,
    struct problem *problem)
{
    for (size_t i = 0; i < options->rule_count; i++) {
        const struct rpc_rule *rule = &options->rules[i];
        CLEANUP(memory_free) char *name = full_name(rule->service->name, rule->method);
        if (rpc_methods_find(self, text_of(name)))
            continue;
        problem_set(problem, "a rule names %s, which no service offers", name);
        return STATUS_INVALID_ARGUMENT;
    }
    return STATUS_OK;
}

enum status
rpc_methods_create(
    const struct rpc_server_options *options, struct rpc_methods **self_p, struct problem *problem)
{
    size_t count = 1;
    for (size_t i = 0; i < options->service_count; i++)
        count += options->services[i]->descriptor->n_methods;
    size_t slots = 16;
    while (slots < count * 2)
        slots *= 2;
    CLEANUP(rpc_methods_destroy) struct rpc_methods *self = memory_new(sizeof *self);
    self->slots = memory_array(slots, sizeof *self->slots);
    self->mask = slots - 1;
    *slot_for(self, text_of(ping_name)) = (struct rpc_method){
        .name = text_copy(text_of(ping_name)),
        .input = &forge__ping_request__descriptor,
        .roles = UINT32_MAX,
    };
    for (size_t i = 0; i < options->service_count; i++) {
        ProtobufCService *service = options->services[i];
        for (unsigned index = 0; index < service->descriptor->n_methods; index++) {
            enum status status = add_method(self, options, service, index, problem);
            if (status != STATUS_OK)
                return status;
        }
    }
    enum status status = check_rules(self, options, problem);
    if (status == STATUS_OK)
        *self_p = TAKE(self);
    return status;
}

void
rpc_methods_destroy(struct rpc_methods **self_p)
{
    struct rpc_methods *self = *self_p;
    if (!self)
        return;
    for (size_t i = 0; i <= self->mask; i++)
        free(self->slots[i].name);
    free(self->slots);
    memory_free(self_p);
}
