/* index: one tenant's full-text index on the ordered store.
 *
 * The writer thread adds and removes documents; each change goes into the data's own batch (unit
 * rows and forward records), so a crash leaves either state whole. Postings of new units live in a
 * RAM delta, rebuilt at open, and are written as posting blocks a segment of 512 units at a time;
 * segments merge 8 to 1 (retrieval layout: one row per block, never per posting). Readers search an
 * immutable, reference-counted view together with the store snapshot of the same commit.
 *
 * All keys of the index begin with the prefix byte 'x' and the tenant's number.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/base/problem.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/base/uuid.h"
#include "common/store/store.h"

struct index;
struct index_view;
struct index_reader;

enum { INDEX_ANALYSER_VERSION = 1, INDEX_SEGMENT_UNITS = 512 };

/* What of an entry is searched and filtered. Texts are borrowed for the call. */
struct index_document {
    struct uuid id;
    struct text kind, project, author, branch, session;
    struct text title, content;
    const struct text *tags;
    size_t tag_count;
    uint8_t scope; /* forge.Scope */
    bool pinned;
    bool superseded; /* by a newer entry; ranks lower. Add it anew when that changes. */
    int64_t created_at_ms;
    int64_t updated_at_ms;
    int64_t expires_at_ms; /* 0: never */
};

/* Loads unit table and delta from the store; a new tenant starts empty. The snapshot is only needed
 * for the call; index_publish then gives the first view. DATA_LOSS: damage; FAILED_PRECONDITION:
 * written by a newer program. */
enum status index_open(const struct store_snapshot *snapshot, uint32_t tenant,
    struct index **self_p, struct problem *problem) MUST_CHECK;
void index_close(struct index **self_p);

/* Writer thread. Stage into the batch, and in RAM as not yet published. A document of the same id
 * is replaced. The batch must keep the order of what is put in and deleted. */
void index_add(
    struct index *self, struct store_batch *batch, const struct index_document *document);
/* Nothing happens when the id is not there. */
void index_remove(struct index *self, struct store_batch *batch, const struct uuid *id);
/* After the commit succeeded: what was staged counts. A view of it, with one reference. */
struct index_view *index_publish(struct index *self);
/* After a commit that certainly wrote nothing: forgets what was staged. Where the outcome is
 * unknown the index is closed, and opened again from the recovered store. */
void index_discard(struct index *self);
/* One bounded step of flush or merge, some 2 ms and 64 KiB, into the batch (of the next commit, or
 * of one of its own when the writer idles); false when nothing is due. Published and discarded like
 * a change. The snapshot is of the last commit. One step a commit keeps up with any rate of saves.
 * After damage is met there are no merges before the next open; searches that meet it report it. */
bool index_maintain(
    struct index *self, const struct store_snapshot *snapshot, struct store_batch *batch);

/* Any thread. */
struct index_view *index_view_ref(struct index_view *view);
void index_view_unref(struct index_view **view_p);
uint32_t index_view_documents(const struct index_view *view);

struct index_query {
    struct text query;
    struct text project; /* empty: all */
    /* The projects that the asker may use; none listed: every one. */
    const struct text *projects;
    size_t project_count;
    const struct text *kinds;
    size_t kind_count;
    const struct text *tags; /* all of them */
    size_t tag_count;
    uint8_t scope; /* 0: any */
    struct text author, branch, session;
    bool pinned;                /* only pinned ones */
    int64_t since_ms, until_ms; /* created in [since, until); 0: open */
    int64_t now_ms; /* hides what has expired and favours the recent a little; 0: neither */
    /* The asker: PRIVATE entries of others are never found. */
    struct text principal;
    float min_score;      /* 0 to 1; negative: the default */
    size_t offset, limit; /* at most INDEX_OFFSET_MAX and INDEX_LIMIT_MAX */
};

enum {
    INDEX_WORDS_MAX = 32,
    INDEX_LIMIT_MAX = 100,
    INDEX_RECENT_MAX = 200,
    INDEX_OFFSET_MAX = 1000
};

struct index_hit {
    struct uuid id;
    float score; /* 0 to 1 */
    /* The query's words that this entry holds, as bits over the query's words in order. */
    uint32_t matched;
    uint32_t content_from; /* byte of the content near which its best part begins */
};

struct index_result {
    struct index_hit *hits; /* best first; owned by the reader until its next search */
    size_t hit_count;
    uint32_t total; /* documents that hold any of the words, whatever their score; exact */
    struct text words[INDEX_WORDS_MAX]; /* lower case, as `matched` counts them */
    size_t word_count;
};

/* Scratch memory of one reader thread. */
struct index_reader *index_reader_create(void);
void index_reader_destroy(struct index_reader **self_p);

/* INVALID_ARGUMENT: the query holds no word. DATA_LOSS: damage in the index. UNAVAILABLE: the disk
 * could not be read. Of a query with more than 32 different words the rarest count. */
enum status index_search(struct index_reader *self, const struct index_view *view,
    const struct store_snapshot *snapshot, const struct index_query *query,
    struct index_result *result, struct problem *problem) MUST_CHECK;

/* The newest by creation of what the query's filters let through; query text and min_score are not
 * looked at; limit is at most INDEX_RECENT_MAX. Walks the table in RAM: some 5 ms for a million
 * documents. */
void index_recent(struct index_reader *self, const struct index_view *view,
    const struct index_query *query, struct index_result *result);

/* The part of a hit's content where most of the result's words stand, at most max_bytes, cut at
 * word borders, with "…" where something was left out. Appended to out. */
struct buffer;
void index_snippet(struct index_reader *self, const struct index_result *result,
    const struct index_hit *hit, struct text content, size_t max_bytes, struct buffer *out);
