/* status_round: the calls that forge_status makes at once, one to each service.
 *
 * A service that does not answer is part of the answer, so no failure here fails the tool.
 */
#pragma once

struct status_report;
struct status_round;
struct tool_call;

/* Starts the calls; on_over finishes the tool call when the last one ended. */
void status_round_start(struct tool_call *call,
    void (*on_over)(struct tool_call *call, const struct status_report *report));

/* Tells the services to stop; the round still finishes. */
void status_round_cancel(struct status_round *self);
