/* What a call between two programs costs: calls a second and CPU time per call of client, server
 * and I/O thread together, by transport, calls in flight, joining of calls, and lane.
 *
 *     rpc_hop [SECONDS]      a second per row when left out
 *
 * The request has 320 bytes, the reply 600. All threads are of this process, so that getrusage
 * sees them; what is measured is the room common/rpc and libzmq below it, not a store.
 */
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "transfer.pb-c.h"

#include "common/base/clock.h"
#include "common/base/memory.h"
#include "common/rpc/client.h"
#include "common/rpc/server.h"

enum { REQUEST_BYTES = 300, REPLY_BYTES = 580, FLIGHT_MAX = 64 };

struct side {
    const char *endpoint; /* asked for */
    unsigned lane;
    sem_t ready;
    char bound[256];
    zsock_t *stop;
};

static uint8_t filler[REPLY_BYTES];

static void
transfer_export(Forge__Transfer_Service *service, const Forge__ExportRequest *input,
    Forge__ExportReply_Closure closure, void *data)
{
    (void)service;
    Forge__ExportReply reply = FORGE__EXPORT_REPLY__INIT;
    reply.sequence = input->after_key.len;
    reply.export_id = (ProtobufCBinaryData){REPLY_BYTES, filler};
    closure(&reply, data);
}

static void
transfer_import(Forge__Transfer_Service *service, const Forge__ImportRequest *input,
    Forge__ImportReply_Closure closure, void *data)
{
    (void)service;
    (void)input;
    (void)closure;
    rpc_request_fail(data, STATUS_UNIMPLEMENTED, "not measured");
}

static int
on_stop(zloop_t *loop, zsock_t *socket, void *argument)
{
    (void)loop;
    (void)socket;
    (void)argument;
    return -1;
}

static void *
serve(void *argument)
{
    struct side *self = argument;
    Forge__Transfer_Service transfer = FORGE__TRANSFER__INIT(transfer_);
    ProtobufCService *services[] = {&transfer.base};
    const struct rpc_rule rules[] = {
        {&forge__transfer__descriptor, "Export", self->lane, ROLE_PROGRAM},
        {&forge__transfer__descriptor, "Import", self->lane, ROLE_PROGRAM},
    };
    const struct rpc_lane lanes[] = {{.name = "reader", .threads = 2, .batch_max = 8}};
    const struct rpc_server_options options = {
        .endpoint = self->endpoint,
        .instance = "bench",
        .services = services,
        .service_count = 1,
        .rules = rules,
        .rule_count = 2,
        .lanes = lanes,
        .lane_count = 1,
    };
    struct rpc_server *server = NULL;
    struct problem problem;
    if (rpc_server_create(&options, &server, &problem) != STATUS_OK) {
        fprintf(stderr, "%s\n", problem.text);
        exit(EXIT_FAILURE);
    }
    snprintf(self->bound, sizeof self->bound, "%s", rpc_server_endpoint(server));
    zloop_reader(rpc_server_loop(server), self->stop, on_stop, NULL);
    sem_post(&self->ready);
    zloop_start(rpc_server_loop(server));
    rpc_server_destroy(&server);
    return NULL;
}

struct run {
    struct rpc_client *client;
    struct rpc_call calls[FLIGHT_MAX];
    unsigned flight;
    uint64_t done;
    uint64_t failed;
    int64_t end_us;
    int64_t now_us; /* once a turn */
};

struct slot {
    struct run *run;
    unsigned number;
};

static void start(struct slot *slot);

static void
on_reply(const Forge__ExportReply *reply, void *data)
{
    struct slot *slot = data;
    struct run *run = slot->run;
    run->done++;
    run->failed += !reply;
    if (reply && run->now_us < run->end_us)
        start(slot);
    else
        run->flight--;
}

static void
start(struct slot *slot)
{
    struct run *run = slot->run;
    struct rpc_call *call = &run->calls[slot->number];
    *call = (struct rpc_call){
        .deadline_ms = run->now_us / 1000 + 10000,
        .principal = {TEXT("bench"), TEXT("default"), ROLE_PROGRAM},
        .project = TEXT("context-forge"),
    };
    Forge__ExportRequest request = FORGE__EXPORT_REQUEST__INIT;
    request.after_key = (ProtobufCBinaryData){REQUEST_BYTES, filler};
    forge__transfer__export(
        rpc_client_bind(run->client, &forge__transfer__descriptor, call), &request, on_reply, slot);
}

static void
turn(struct run *run)
{
    int fds[RPC_CLIENT_FDS];
    struct pollfd polls[RPC_CLIENT_FDS];
    rpc_client_fds(run->client, fds);
    for (size_t i = 0; i < RPC_CLIENT_FDS; i++)
        polls[i] = (struct pollfd){.fd = fds[i], .events = POLLIN};
    int64_t wait_ms = rpc_client_due(run->client) - clock_monotonic_ms();
    poll(polls, RPC_CLIENT_FDS, wait_ms > 0 ? (int)wait_ms : 0);
    run->now_us = clock_monotonic_us();
    rpc_client_turn(run->client);
}

static double
cpu_us(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

static void
measure(struct side *side, const char *transport, unsigned flight, bool coalesce, double seconds)
{
    struct run run = {.flight = flight};
    struct slot slots[FLIGHT_MAX];
    const struct rpc_client_options options = {.endpoint = side->bound, .connect_wait_ms = 5000};
    run.client = rpc_client_create(&options);
    rpc_client_set_coalescing(run.client, coalesce);
    while (!rpc_client_peer(run.client)->answering)
        turn(&run);
    double cpu_before = cpu_us();
    int64_t before_us = clock_monotonic_us();
    run.now_us = before_us;
    run.end_us = before_us + (int64_t)(seconds * 1e6);
    for (unsigned i = 0; i < flight; i++) {
        slots[i] = (struct slot){&run, i};
        start(&slots[i]);
    }
    while (run.flight)
        turn(&run);
    double took_us = (double)(clock_monotonic_us() - before_us);
    printf("%-8s %-7s %9u %-9s %10.0f %8.2f %7llu\n", transport, side->lane ? "reader" : "router",
        flight, coalesce ? "joined" : "alone", (double)run.done / took_us * 1e6,
        (cpu_us() - cpu_before) / (double)run.done, (unsigned long long)run.failed);
    fflush(stdout);
    rpc_client_destroy(&run.client);
}

static void
measure_transport(const char *transport, const char *endpoint, unsigned lane, double seconds)
{
    static const unsigned flights[] = {1, 16, 64};
    struct side side = {.endpoint = endpoint, .lane = lane};
    pthread_t thread;
    char name[64];
    snprintf(name, sizeof name, "inproc://stop-%s-%u", transport, lane);
    zsock_t *control = zsock_new(ZMQ_PAIR);
    zsock_bind(control, "%s", name);
    side.stop = zsock_new(ZMQ_PAIR);
    zsock_connect(side.stop, "%s", name);
    sem_init(&side.ready, 0, 0);
    pthread_create(&thread, NULL, serve, &side);
    while (sem_wait(&side.ready) != 0) {
    }
    for (size_t i = 0; i < sizeof flights / sizeof flights[0]; i++)
        for (unsigned alone = 0; alone < (flights[i] > 1 ? 2 : 1); alone++)
            measure(&side, transport, flights[i], !alone, seconds);
    zmq_send(zsock_resolve(control), "", 0, 0);
    pthread_join(thread, NULL);
    zsock_destroy(&control);
    zsock_destroy(&side.stop);
    sem_destroy(&side.ready);
}

int
main(int argc, char **argv)
{
    double seconds = argc > 1 ? strtod(argv[1], NULL) : 1;
    if (seconds <= 0) {
        fprintf(stderr, "usage: %s [SECONDS]\n", argv[0]);
        return EXIT_FAILURE;
    }
    char folder[] = "/tmp/rpc-hop-XXXXXX";
    if (!mkdtemp(folder)) {
        perror("a temporary folder cannot be made");
        return EXIT_FAILURE;
    }
    char ipc[64];
    zsys_init();
    zsys_handler_set(NULL);
    printf("%-8s %-7s %9s %-9s %10s %8s %7s\n", "", "lane", "in flight", "calls", "calls/s",
        "CPU us", "failed");
    for (unsigned lane = 0; lane < 2; lane++) {
        snprintf(ipc, sizeof ipc, "ipc://%s/%u", folder, lane);
        measure_transport("inproc", lane ? "inproc://hop-1" : "inproc://hop-0", lane, seconds);
        measure_transport("ipc", ipc, lane, seconds);
        measure_transport("tcp", "tcp://127.0.0.1:*", lane, seconds);
        unlink(ipc + sizeof "ipc://" - 1);
    }
    rmdir(folder);
    return EXIT_SUCCESS;
}
