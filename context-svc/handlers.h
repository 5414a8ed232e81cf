/* handlers: one function a method, between the call and the operation that does its work.
 *
 * Each runs in the thread of its lane (the rules in service.c), finds that thread's state in the
 * request, and ends the call exactly once.
 */
#pragma once

#include "context.pb-c.h"
#include "health.pb-c.h"
#include "session.pb-c.h"
#include "transfer.pb-c.h"

/* On the writer's lane. */
void context_on_save(Forge__Context_Service *service, const Forge__SaveRequest *input,
    Forge__SaveReply_Closure closure, void *closure_data);
void context_on_update(Forge__Context_Service *service, const Forge__UpdateRequest *input,
    Forge__UpdateReply_Closure closure, void *closure_data);
void context_on_forget(Forge__Context_Service *service, const Forge__ForgetRequest *input,
    Forge__ForgetReply_Closure closure, void *closure_data);
void context_session_on_start(Forge__Session_Service *service,
    const Forge__SessionStartRequest *input, Forge__SessionStartReply_Closure closure,
    void *closure_data);
void context_session_on_checkpoint(Forge__Session_Service *service,
    const Forge__SessionCheckpointRequest *input, Forge__SessionCheckpointReply_Closure closure,
    void *closure_data);
void context_session_on_end(Forge__Session_Service *service, const Forge__SessionEndRequest *input,
    Forge__SessionEndReply_Closure closure, void *closure_data);
void context_health_on_prove(Forge__Health_Service *service, const Forge__ProveRequest *input,
    Forge__ProveReply_Closure closure, void *closure_data);
void context_transfer_on_import(Forge__Transfer_Service *service, const Forge__ImportRequest *input,
    Forge__ImportReply_Closure closure, void *closure_data);

/* On the router. */
void context_on_get(Forge__Context_Service *service, const Forge__GetRequest *input,
    Forge__GetReply_Closure closure, void *closure_data);
void context_on_count(Forge__Context_Service *service, const Forge__CountRequest *input,
    Forge__CountReply_Closure closure, void *closure_data);
void context_on_projects(Forge__Context_Service *service, const Forge__ProjectsRequest *input,
    Forge__ProjectsReply_Closure closure, void *closure_data);

/* On the readers' lane. */
void context_on_list(Forge__Context_Service *service, const Forge__ListRequest *input,
    Forge__ListReply_Closure closure, void *closure_data);
void context_on_search(Forge__Context_Service *service, const Forge__SearchRequest *input,
    Forge__SearchReply_Closure closure, void *closure_data);
void context_on_brief(Forge__Context_Service *service, const Forge__BriefRequest *input,
    Forge__BriefReply_Closure closure, void *closure_data);
void context_on_history(Forge__Context_Service *service, const Forge__HistoryRequest *input,
    Forge__HistoryReply_Closure closure, void *closure_data);
void context_on_changes(Forge__Context_Service *service, const Forge__ChangesRequest *input,
    Forge__ChangesReply_Closure closure, void *closure_data);
void context_session_on_list(Forge__Session_Service *service,
    const Forge__SessionListRequest *input, Forge__SessionListReply_Closure closure,
    void *closure_data);

/* On the exports' lane. */
void context_transfer_on_export(Forge__Transfer_Service *service, const Forge__ExportRequest *input,
    Forge__ExportReply_Closure closure, void *closure_data);
