/* peer: forge.Transfer of one other service, called and waited for.
 *
 * For a worker thread that has nothing else to do: each call blocks until its answer, its deadline,
 * or until `stopping` is set. Made and used in one thread.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>

#include "transfer.pb-c.h"

#include "common/base/attributes.h"
#include "common/base/problem.h"
#include "common/base/status.h"

struct peer;

/* service: "context", for the words. All are borrowed for life. */
struct peer *peer_create(const char *service, const char *endpoint, const _Atomic bool *stopping);
void peer_destroy(struct peer **self_p);

/* The page is borrowed until the function returns, whose status becomes the call's. */
typedef enum status peer_page_function(
    void *argument, const Forge__ExportReply *page, struct problem *problem);

/* A page that did not come for want of a connection is asked for again a few times. */
enum status peer_export(struct peer *self, const Forge__ExportRequest *request,
    peer_page_function *on_page, void *argument, struct problem *problem) MUST_CHECK;

enum { PEER_IMPORT_ID_MAX = 64 };
struct peer_import_id {
    uint8_t bytes[PEER_IMPORT_ID_MAX];
    size_t length;
};

/* Once, since an import's pages must not come twice. id: the reply's; NULL where nobody asks. */
enum status peer_import(struct peer *self, const Forge__ImportRequest *request,
    struct peer_import_id *id, struct problem *problem) MUST_CHECK;
