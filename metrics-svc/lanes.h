/* lanes: what the threads of metrics-svc hold, and the handlers that run in them. Private to the
 * service's files. */
#pragma once

#include "health.pb-c.h"
#include "metrics.pb-c.h"
#include "transfer.pb-c.h"

#include "common/base/arena.h"
#include "common/rpc/server.h"
#include "common/rpc/telemetry.h"
#include "metrics-svc/presence.h"
#include "metrics-svc/writer.h"

enum { LANE_WRITER = 1, LANE_READER = 2, METRICS_LANES = 2 };

/* LANE_ROUTER. */
struct router_state {
    struct store *store;
    struct presence *presence;
    struct rpc_server *server;
    struct arena arena;    /* for Expose */
    bool gathering;        /* rows are parked, and a timer will give them to the writer */
    uint64_t known_series; /* as the writer noted last */
    struct metrics_counter *taken, *refused;
};

/* LANE_WRITER. */
struct writer_state {
    struct metrics_writer *writer;
    struct rpc_worker *worker;
    uint64_t noted_series;
};

/* LANE_READER. */
struct reader_state {
    struct store *store;
    struct metrics_histogram *query_seconds;
};

/* The handlers of the three services. */
void metrics_on_push(Forge__Metrics_Service *service, const Forge__PushRequest *input,
    Forge__PushReply_Closure closure, void *closure_data);
void metrics_on_query(Forge__Metrics_Service *service, const Forge__QueryRequest *input,
    Forge__QueryReply_Closure closure, void *closure_data);
void metrics_on_expose(Forge__Metrics_Service *service, const Forge__ExposeRequest *input,
    Forge__ExposeReply_Closure closure, void *closure_data);
void metrics_on_status(Forge__Metrics_Service *service, const Forge__StatusRequest *input,
    Forge__StatusReply_Closure closure, void *closure_data);
void metrics_on_ping(Forge__Health_Service *service, const Forge__PingRequest *input,
    Forge__PingReply_Closure closure, void *closure_data);
void metrics_on_prove(Forge__Health_Service *service, const Forge__ProveRequest *input,
    Forge__ProveReply_Closure closure, void *closure_data);
void metrics_on_export(Forge__Transfer_Service *service, const Forge__ExportRequest *input,
    Forge__ExportReply_Closure closure, void *closure_data);
void metrics_on_import(Forge__Transfer_Service *service, const Forge__ImportRequest *input,
    Forge__ImportReply_Closure closure, void *closure_data);
