/* What the tests of the index share: a store, an index on it, a view and a reader, and documents in
 * few words. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "context-svc/index/index.h"

enum { FIXTURE_TENANT = 7 };

struct fixture {
    struct store *store;
    struct store_batch *batch;
    struct index *index;
    struct index_view *view;
    struct store_snapshot *snapshot; /* of the view's commit */
    struct index_reader *reader;
    struct index_result result; /* of the last search */
};

struct fixture *fixture_create(void);
void fixture_destroy(struct fixture **self_p);

/* setup and teardown of cmocka */
int fixture_set_up(void **state);
int fixture_tear_down(void **state);

/* The batch is committed and published; or it is not, and the index forgets it. */
void fixture_commit(struct fixture *self);
void fixture_discard(struct fixture *self);
/* One step of maintenance, committed; false when none was due. */
bool fixture_maintain(struct fixture *self);
/* Closes the index and opens it from the store. */
void fixture_reopen(struct fixture *self);
enum status fixture_try_reopen(struct fixture *self, struct problem *problem);

/* A document of project "p", kind "note", scope PROJECT, author "ann"; its id and its time come
 * from the number. */
struct index_document document_of(uint32_t number, const char *content);
struct uuid id_of(uint32_t number);
uint32_t number_of(const struct uuid *id);

void fixture_add(struct fixture *self, uint32_t number, const char *content);
void fixture_remove(struct fixture *self, uint32_t number);

/* limit 100, min_score 0. */
struct index_query query_of(const char *words);
void fixture_search(struct fixture *self, const struct index_query *query);

/* Searches and compares the numbers found, best first: "3 1 2". */
void assert_finds(struct fixture *self, const char *words, const char *numbers);
void assert_query_finds(struct fixture *self, const struct index_query *query, const char *numbers);
