/* lanes: the state of each of the service's threads, as its handlers get it.
 *
 * A thread's state is its own; what several share is immutable (views) or made for it (metrics).
 */
#pragma once

#include <stdatomic.h>

#include "common/process/metrics.h"
#include "common/rpc/server.h"
#include "common/store/transfer.h"
#include "context-svc/housekeeping.h"
#include "context-svc/reading.h"
#include "context-svc/relevance.h"
#include "context-svc/usage.h"
#include "context-svc/writer.h"

enum lane_number { LANE_READERS = 1, LANE_WRITER = 2, LANE_EXPORTS = 3, LANES = 3 };

/* Place 0 of the board is the router's, the readers' follow. */
enum { PLACE_ROUTER = 0, PLACE_READERS = 1 };

/* What threads need to make their state. */
struct context_lane_parts {
    struct store *store;
    struct context_view_board *board;
    struct context_writer *writer; /* the writer thread's, once it runs */
    struct metrics *metrics;
    atomic_uint readers_made;
};

struct context_service;

/* LANE_ROUTER. */
struct context_router_state {
    struct context_service *owner;
    struct rpc_server *server;
    struct store *store;
    struct context_reader *reader;
    struct context_usage *usage;
    struct context_relevance *relevance;
    struct buffer reply;
};

/* LANE_READERS. */
struct context_reader_state {
    struct rpc_worker *worker;
    struct context_reader *reader;
    struct metrics_counter *searches;
    struct metrics_histogram *search_seconds;
    struct metrics_histogram *search_cpu_seconds;
};

/* LANE_WRITER. */
struct context_writer_state {
    struct rpc_worker *worker;
    struct context_writer *writer;
    struct context_housekeeping *housekeeping;
    struct context_reader *reader; /* for the briefs of new sessions, and proofs */
    struct transfer_import *import;
    struct metrics_counter *saves;
};

/* LANE_EXPORTS. */
struct context_export_state {
    struct transfer_exports *exports;
};

/* Rows for rpc_server_options.lanes; parts are borrowed. */
void context_lanes_fill(
    struct rpc_lane lanes[LANES], unsigned readers, struct context_lane_parts *parts);
