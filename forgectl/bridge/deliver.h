/* deliver: from an HTTP answer to lines for the client; private to the bridge. */
#pragma once

#include "forgectl/bridge/exchange.h"

/* A message of the exchange's event stream. */
void deliver_event(struct exchange *self, struct text message);

/* The whole answer; the exchange is not ended. */
void deliver_answer(struct exchange *self, const struct transfer_answer *answer);

/* Words for an answer that never came. */
void deliver_silence(struct exchange *self, const struct transfer_answer *answer);
