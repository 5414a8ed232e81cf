#include <stdio.h>

#include "common/base/clock.h"
#include "gateway/admin/health_state.h"

static const char *
module_name(int module)
{
    if (module == MODULE_GATEWAY)
        return "gateway";
    return module == MODULE_SECURITY ? "security" : backend_name((enum backend)module);
}

static void
write_time(struct json_writer *writer, const char *key, int64_t wall_ms)
{
    char text[CLOCK_TEXT_SIZE];
    clock_format(wall_ms, text);
    json_write_key(writer, key);
    json_write_string(writer, text);
}

static void
write_proof(struct json_writer *writer, const struct prover *prover)
{
    if (!prover->proved_ms)
        return;
    json_write_key(writer, "proof");
    json_write_array_begin(writer);
    for (unsigned i = 0; i < prover->proof_count; i++) {
        json_write_object_begin(writer);
        json_write_key(writer, "name");
        json_write_string(writer, prover->proofs[i].name);
        json_write_key(writer, "good");
        json_write_boolean(writer, prover->proofs[i].good);
        json_write_key(writer, "took_us");
        json_write_unsigned(writer, prover->proofs[i].took_us);
        json_write_object_end(writer);
    }
    json_write_array_end(writer);
    json_write_key(writer, "proof_age_ms");
    json_write_integer(writer, clock_monotonic_ms() - prover->proved_ms);
}

static void
write_module(struct health *self, struct json_writer *writer, int module)
{
    json_write_key(writer, module_name(module));
    json_write_object_begin(writer);
    json_write_key(writer, "state");
    json_write_string(writer, self->modules[module].state);
    if (self->modules[module].reason[0]) {
        json_write_key(writer, "reason");
        json_write_string(writer, self->modules[module].reason);
    }
    write_time(writer, "since", self->modules[module].since_ms);
    if (module < BACKEND_COUNT) {
        const struct rpc_peer *peer = backends_pool_peer(self->options.pool, (enum backend)module);
        json_write_key(writer, "instance");
        json_write_string(writer, peer->instance);
        write_proof(writer, &self->provers[module]);
    }
    json_write_object_end(writer);
}

void
health_write(struct health *self, struct json_writer *writer)
{
    enum health_status status = health_status(self);
    int operational = 0;
    for (int i = 0; i < MODULE_COUNT; i++)
        operational += health_module_is_operational(&self->modules[i]);
    char summary[48];
    snprintf(summary, sizeof summary, "%d/%d modules operational", operational, MODULE_COUNT);
    json_write_object_begin(writer);
    json_write_key(writer, "status");
    json_write_string(writer, health_status_name(status));
    json_write_key(writer, "summary");
    json_write_string(writer, summary);
    json_write_key(writer, "version");
    json_write_string(writer, self->options.version);
    json_write_key(writer, "embedded");
    json_write_boolean(writer, self->options.embedded);
    json_write_key(writer, "uptime_s");
    json_write_integer(writer, (clock_monotonic_ms() - self->started_ms) / 1000);
    json_write_key(writer, "modules");
    json_write_object_begin(writer);
    write_module(self, writer, MODULE_GATEWAY);
    for (int i = 0; i < BACKEND_COUNT; i++)
        write_module(self, writer, i);
    write_module(self, writer, MODULE_SECURITY);
    json_write_object_end(writer);
    json_write_object_end(writer);
}
