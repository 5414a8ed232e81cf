/* Handlers of the readers' lane. */
#include "common/base/clock.h"
#include "context-svc/brief.h"
#include "context-svc/changes.h"
#include "context-svc/handlers.h"
#include "context-svc/lanes.h"
#include "context-svc/list.h"
#include "context-svc/search.h"
#include "context-svc/session.h"

enum { WAIT_MAX_MS = 30000 };

void
context_on_list(Forge__Context_Service *service, const Forge__ListRequest *input,
    Forge__ListReply_Closure closure, void *closure_data)
{
    (void)service;
    struct context_reader_state *state = rpc_request_state(closure_data);
    struct context_reading reading;
    if (!context_reading_open(&reading, state->reader, closure_data))
        return;
    Forge__ListReply reply = FORGE__LIST_REPLY__INIT;
    if (context_reading_settle(
            &reading, closure_data, context_list_entries(&reading, input, &reply)))
        closure(&reply, closure_data);
    context_reading_close(&reading);
}

void
context_on_search(Forge__Context_Service *service, const Forge__SearchRequest *input,
    Forge__SearchReply_Closure closure, void *closure_data)
{
    (void)service;
    struct context_reader_state *state = rpc_request_state(closure_data);
    struct context_reading reading;
    if (!context_reading_open(&reading, state->reader, closure_data))
        return;
    int64_t start_us = clock_monotonic_us();
    int64_t start_cpu_us = clock_thread_cpu_us();
    Forge__SearchReply reply = FORGE__SEARCH_REPLY__INIT;
    struct note_searched searched;
    enum status status = context_search_entries(&reading, input, &reply, &searched);
    if (context_reading_settle(&reading, closure_data, status)) {
        closure(&reply, closure_data);
        metrics_add(state->searches, 1);
        metrics_observe(state->search_seconds, (double)(clock_monotonic_us() - start_us) / 1e6);
        metrics_observe(
            state->search_cpu_seconds, (double)(clock_thread_cpu_us() - start_cpu_us) / 1e6);
        /* Later pages are the same search. */
        if (!input->cursor.len)
            rpc_worker_note(state->worker, text_from(&searched, sizeof searched));
    }
    context_reading_close(&reading);
}

void
context_on_brief(Forge__Context_Service *service, const Forge__BriefRequest *input,
    Forge__BriefReply_Closure closure, void *closure_data)
{
    (void)service;
    struct context_reader_state *state = rpc_request_state(closure_data);
    struct context_reading reading;
    if (!context_reading_open(&reading, state->reader, closure_data))
        return;
    Forge__BriefReply reply = FORGE__BRIEF_REPLY__INIT;
    if (context_reading_settle(&reading, closure_data, context_brief_make(&reading, input, &reply)))
        closure(&reply, closure_data);
    context_reading_close(&reading);
}

void
context_on_history(Forge__Context_Service *service, const Forge__HistoryRequest *input,
    Forge__HistoryReply_Closure closure, void *closure_data)
{
    (void)service;
    struct context_reader_state *state = rpc_request_state(closure_data);
    struct context_reading reading;
    if (!context_reading_open(&reading, state->reader, closure_data))
        return;
    Forge__HistoryReply reply = FORGE__HISTORY_REPLY__INIT;
    if (context_reading_settle(
            &reading, closure_data, context_list_history(&reading, input, &reply)))
        closure(&reply, closure_data);
    context_reading_close(&reading);
}

/* When an empty page has to be sent: wait_ms after the call came, and before its deadline. */
static int64_t
wake_ms_of(const struct rpc_request *request, uint32_t wait_ms)
{
    if (wait_ms > WAIT_MAX_MS)
        wait_ms = WAIT_MAX_MS;
    int64_t wake_ms = rpc_request_received_ms(request) + wait_ms;
    int64_t last_ms = rpc_request_deadline_ms(request) - 20;
    return wake_ms < last_ms ? wake_ms : last_ms;
}

/* A caller ahead of the log (a store was restored) is told at once where it ends. */
static bool
is_to_wait(const struct rpc_request *request, const Forge__ChangesRequest *input,
    const Forge__ChangesReply *reply)
{
    return reply->n_changes == 0 && input->after_sequence <= reply->last_sequence &&
           wake_ms_of(request, input->wait_ms) > clock_monotonic_ms();
}

void
context_on_changes(Forge__Context_Service *service, const Forge__ChangesRequest *input,
    Forge__ChangesReply_Closure closure, void *closure_data)
{
    (void)service;
    struct context_reader_state *state = rpc_request_state(closure_data);
    struct context_reading reading;
    if (!context_reading_open(&reading, state->reader, closure_data))
        return;
    Forge__ChangesReply reply = FORGE__CHANGES_REPLY__INIT;
    if (context_reading_settle(
            &reading, closure_data, context_changes_page(&reading, input, &reply))) {
        if (is_to_wait(closure_data, input, &reply))
            rpc_request_park_until(closure_data, wake_ms_of(closure_data, input->wait_ms));
        else
            closure(&reply, closure_data);
    }
    context_reading_close(&reading);
}

void
context_session_on_list(Forge__Session_Service *service, const Forge__SessionListRequest *input,
    Forge__SessionListReply_Closure closure, void *closure_data)
{
    (void)service;
    struct context_reader_state *state = rpc_request_state(closure_data);
    struct context_reading reading;
    if (!context_reading_open(&reading, state->reader, closure_data))
        return;
    Forge__SessionListReply reply = FORGE__SESSION_LIST_REPLY__INIT;
    if (context_reading_settle(
            &reading, closure_data, context_session_list(&reading, input, &reply)))
        closure(&reply, closure_data);
    context_reading_close(&reading);
}
