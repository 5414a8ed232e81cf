/* vault: the real backup service as an actor, two stores behind fake services, and its caller. */
#pragma once

#include "backup.pb-c.h"

#include "backup-svc/service.h"
#include "common/rpc/client.h"
#include "tests/common/store/fixture.h"

#include "fake_transfer.h"

enum { CONTEXT, METRICS, STORES };

struct vault {
    char *folder;
    char *backups;
    struct store *stores[STORES];
    struct fake_transfer_options fakes[STORES];
    zactor_t *fake_threads[STORES];
    zactor_t *service;
    struct rpc_client *client;

    /* The last answer. */
    unsigned answers;
    unsigned expected;
    struct rpc_call call;
    enum status status;
    char detail[512];
    Forge__BackupInfo *info; /* the reply's backup, or the list's first */
    size_t listed;
    bool good;
    char problem[256];
    uint64_t records;
};

/* For cmocka; *state becomes a struct vault. Context has 2,000 records at sequence 20, metrics 500.
 */
int vault_set_up(void **state);
int vault_tear_down(void **state);

void vault_start_fake(struct vault *self, int which);
/* The same endpoint again, over another store; the one before is closed. */
void vault_replace_fake(struct vault *self, int which, struct store *store);
void vault_start_service(struct vault *self);

/* For calls that have no function here: bind, call the stub with a closure that ends in
 * vault_take_answer, and wait. */
ProtobufCService *vault_bind(
    struct vault *self, const ProtobufCServiceDescriptor *descriptor, uint32_t roles);
ProtobufCService *vault_bind_backup(struct vault *self); /* as an operator */
void vault_take_answer(struct vault *self, const Forge__BackupInfo *info);
enum status vault_wait(struct vault *self);
void vault_forget_answer(struct vault *self);

void vault_on_run(const Forge__BackupRunReply *reply, void *argument);
void vault_on_list(const Forge__BackupListReply *reply, void *argument);
void vault_send_run(struct vault *self, const char *note);

/* Call and wait; what came back lies in the vault. */
enum status vault_run(struct vault *self, const char *note);
enum status vault_list(struct vault *self);
enum status vault_verify(struct vault *self, const char *id);
enum status vault_restore(struct vault *self, const char *id, const char *confirm);

/* A good run; its id. */
void vault_run_for_id(struct vault *self, char id[64]);
void vault_assert_detail(const struct vault *self, const char *words);
/* A file of a complete backup; free with free(). */
char *vault_file(const struct vault *self, const char *id, const char *name);
