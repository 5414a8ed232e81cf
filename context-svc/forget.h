/* forget: entries leave with their history, their index rows and their text; a tombstone stays.
 *
 * After the commit no live key or value holds the text. The engine's older files hold its bytes
 * until they are compacted, and backups until they age out.
 */
#pragma once

#include "context-svc/write.h"

enum status context_forget_entries(struct context_write *self, const Forge__ForgetRequest *request,
    Forge__ForgetReply *reply) MUST_CHECK;

/* Forgets what has expired, of all tenants, at most `limit`. True: more are left. */
bool context_forget_expired(struct context_writer *writer, int64_t now_ms, unsigned limit);
