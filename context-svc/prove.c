#include "context-svc/prove.h"

#include "common/base/clock.h"

/* What is found again by the search proof. */
static const char canary_text[] = "canary of the health proof";

static void
begin(Forge__Proof *proof, const char *name)
{
    forge__proof__init(proof);
    proof->name = (char *)name;
}

static void
end(Forge__Proof *proof, struct context_writer *writer, int64_t start_us, enum status status,
    const struct problem *problem)
{
    proof->good = status == STATUS_OK;
    proof->took_us = (uint32_t)(clock_monotonic_us() - start_us);
    if (!proof->good)
        proof->reason = arena_copy(context_writer_arena(writer), text_of(problem->text));
}

static void
stage_canary_entry(struct context_writer *writer, struct context_tenant *tenant)
{
    const struct index_document document = {.kind = TEXT("note"),
        .project = TEXT("proof"),
        .author = TEXT("context-svc"),
        .title = TEXT("canary"),
        .content = text_of(canary_text),
        .scope = FORGE__SCOPE__PROJECT};
    index_add(
        context_tenant_index(tenant), context_stage_batch(context_writer_stage(writer)), &document);
}

static enum status
prove_write(struct context_writer *writer, uint8_t canary[UUID_SIZE], struct problem *problem)
{
    enum status status = context_writer_admits(writer, problem);
    if (status != STATUS_OK)
        return status;
    struct context_tenant *tenant =
        context_tenants_by_number(context_writer_tenants(writer), TENANT_PROOF);
    const struct context_tenant_view *seen =
        context_view_tenant(context_writer_view(writer), TEXT(""));
    if (seen && index_view_documents(context_tenant_view_index(seen)) == 0)
        stage_canary_entry(writer, tenant);
    uuid_random(canary, UUID_SIZE);
    struct context_key key = context_key_proof();
    context_stage_put(context_writer_stage(writer), &key, text_from(canary, UUID_SIZE));
    return context_writer_flush(writer, problem);
}

static enum status
prove_read(struct context_writer *writer, const uint8_t canary[UUID_SIZE], bool written,
    struct problem *problem)
{
    if (!context_writer_view(writer)) {
        problem_set(problem, "the store cannot be read at present");
        return STATUS_UNAVAILABLE;
    }
    struct context_key key = context_key_proof();
    CLEANUP(store_value_release) struct store_value value = {0};
    enum status status = store_get(
        context_view_snapshot(context_writer_view(writer)), context_key_text(&key), &value);
    if (status == STATUS_NOT_FOUND && !written)
        return STATUS_OK;
    if (status != STATUS_OK)
        problem_set(problem, "the canary cannot be read back: %s", status_name(status));
    else if (written && !text_equals(value.bytes, text_from(canary, UUID_SIZE))) {
        problem_set(problem, "what was read back is not what was written");
        status = STATUS_DATA_LOSS;
    }
    return status;
}

static enum status
prove_search(struct context_writer *writer, struct context_reader *reader, struct problem *problem)
{
    if (!context_writer_view(writer)) {
        problem_set(problem, "the store cannot be read at present");
        return STATUS_UNAVAILABLE;
    }
    const struct rpc_principal nobody = {.name = TEXT("context-svc"), .tenant = TEXT("")};
    struct context_reading reading;
    context_reading_begin(&reading, reader, context_writer_view(writer), &nobody, TEXT(""));
    const struct index_query query = {
        .query = text_of(canary_text), .principal = nobody.name, .min_score = 0.0F, .limit = 1};
    struct index_result result;
    enum status status =
        index_search(reading.index_reader, context_tenant_view_index(reading.tenant),
            context_view_snapshot(reading.view), &query, &result, problem);
    if (status == STATUS_OK && result.hit_count != 1) {
        problem_set(problem, "the search does not find the canary");
        status = STATUS_NOT_FOUND;
    }
    return status;
}

void
context_prove_store(
    struct context_writer *writer, struct context_reader *reader, Forge__Proof proofs[PROVE_PROOFS])
{
    struct problem problem = {{0}};
    uint8_t canary[UUID_SIZE];
    arena_reset(context_writer_arena(writer));

    begin(&proofs[0], "write");
    int64_t start_us = clock_monotonic_us();
    enum status written = prove_write(writer, canary, &problem);
    end(&proofs[0], writer, start_us, written, &problem);

    begin(&proofs[1], "read");
    start_us = clock_monotonic_us();
    enum status status = prove_read(writer, canary, written == STATUS_OK, &problem);
    end(&proofs[1], writer, start_us, status, &problem);

    begin(&proofs[2], "search");
    start_us = clock_monotonic_us();
    status = prove_search(writer, reader, &problem);
    end(&proofs[2], writer, start_us, status, &problem);
}
