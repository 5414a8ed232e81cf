/* retrieval_eval: indexes a data set through index.h, asks its questions and prints how well they
 * are answered.
 *
 *     retrieval_eval FOLDER [--kind KIND] [--min-score N] [--expect-recall-5 N] [--each]
 *
 * FOLDER may be absent: then it says so and exits with 77, which a test run counts as skipped.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/memory.h"
#include "context-svc/index/index.h"
#include "tests/retrieval/dataset.h"
#include "tests/retrieval/measure.h"

enum { EXIT_SKIPPED = 77, GROUP_SIZE = 64, TENANT = 1, RANKED_MAX = 100 };

struct options {
    const char *folder;
    struct text kind;
    float min_score; /* negative: the default */
    double expected_recall_5;
    bool each;
};

struct evaluation {
    const struct options *options;
    struct dataset *dataset;
    struct store *store;
    struct store_batch *batch;
    struct index *index;
    struct index_view *view;
    struct problem problem;
};

static void
fail(const struct evaluation *self, const char *what)
{
    fprintf(stderr, "retrieval_eval: %s: %s\n", what, self->problem.text);
    exit(EXIT_FAILURE);
}

/* The number of a document as its id. */
static struct uuid
id_of(uint32_t number)
{
    struct uuid id = {0};
    for (int i = 0; i < 4; i++)
        id.bytes[UUID_SIZE - 1 - i] = (uint8_t)(number >> (8 * i));
    return id;
}

static uint32_t
number_of(const struct uuid *id)
{
    uint32_t number = 0;
    for (int i = 0; i < 4; i++)
        number = number << 8 | id->bytes[UUID_SIZE - 4 + i];
    return number;
}

static void
commit(struct evaluation *self)
{
    if (store_commit(self->store, self->batch, 1, &self->problem) != STATUS_OK)
        fail(self, "commit");
    index_view_unref(&self->view);
    self->view = index_publish(self->index);
    store_batch_clear(self->batch);
}

static void
maintain(struct evaluation *self)
{
    struct store_snapshot *snapshot = store_snapshot_create(self->store);
    bool worked = index_maintain(self->index, snapshot, self->batch);
    store_snapshot_destroy(&snapshot);
    if (worked)
        commit(self);
}

static void
open_all(struct evaluation *self)
{
    const struct store_options options = {.engine = STORE_MEMORY, .format = 1};
    if (store_open(&options, &self->store, &self->problem) != STATUS_OK)
        fail(self, "store");
    self->batch = store_batch_create(self->store);
    struct store_snapshot *snapshot = store_snapshot_create(self->store);
    if (index_open(snapshot, TENANT, &self->index, &self->problem) != STATUS_OK)
        fail(self, "index");
    store_snapshot_destroy(&snapshot);
    self->view = index_publish(self->index);
}

static void
close_all(struct evaluation *self)
{
    index_view_unref(&self->view);
    index_close(&self->index);
    store_batch_destroy(&self->batch);
    store_close(&self->store);
    dataset_destroy(&self->dataset);
}

static void
index_all(struct evaluation *self)
{
    for (size_t i = 0; i < self->dataset->document_count; i++) {
        const struct dataset_document *document = &self->dataset->documents[i];
        struct text kind = self->options->kind.length ? self->options->kind : document->kind;
        const struct index_document added = {
            .id = id_of((uint32_t)i),
            .kind = kind,
            .project = document->group,
            .title = document->title,
            .content = document->content,
            .tags = document->tags,
            .tag_count = document->tag_count,
            .scope = 2,
            .created_at_ms = 1,
            .updated_at_ms = 1,
        };
        index_add(self->index, self->batch, &added);
        if (i % GROUP_SIZE == GROUP_SIZE - 1) {
            commit(self);
            maintain(self);
        }
    }
    commit(self);
}

static void
show(const struct evaluation *self, const struct dataset_query *query,
    const struct index_result *result)
{
    printf("%.*s | %.*s\n", TEXT_FORMAT(query->id), TEXT_FORMAT(query->text));
    for (size_t i = 0; i < result->hit_count && i < 5; i++) {
        uint32_t number = number_of(&result->hits[i].id);
        bool relevant = false;
        for (size_t j = 0; j < query->relevant_count; j++)
            relevant = relevant || query->relevant[j] == number;
        printf("  %c %.3f %.*s\n", relevant ? '*' : ' ', (double)result->hits[i].score,
            TEXT_FORMAT(self->dataset->documents[number].id));
    }
}

static struct measure
ask_all(struct evaluation *self)
{
    struct measure measure = {0};
    struct index_reader *reader = index_reader_create();
    struct store_snapshot *snapshot = store_snapshot_create(self->store);
    for (size_t i = 0; i < self->dataset->query_count; i++) {
        const struct dataset_query *query = &self->dataset->queries[i];
        const struct index_query asked = {
            .query = query->text,
            .project = query->group,
            .min_score = self->options->min_score,
            .limit = RANKED_MAX,
        };
        struct index_result result = {0};
        if (index_search(reader, self->view, snapshot, &asked, &result, &self->problem) !=
            STATUS_OK)
            fail(self, "search");
        if (self->options->each)
            show(self, query, &result);
        uint32_t ranked[RANKED_MAX];
        for (size_t j = 0; j < result.hit_count; j++)
            ranked[j] = number_of(&result.hits[j].id);
        measure_add(&measure, ranked, result.hit_count, query->relevant, query->relevant_count);
    }
    store_snapshot_destroy(&snapshot);
    index_reader_destroy(&reader);
    return measure;
}

static int
evaluate(const struct options *options)
{
    struct evaluation self = {.options = options};
    if (access(options->folder, R_OK) != 0) {
        printf("skipped: no data set at %s (set FORGE_EVAL_DATA to the folder that holds it)\n",
            options->folder);
        return EXIT_SKIPPED;
    }
    if (dataset_load(options->folder, &self.dataset, &self.problem) != STATUS_OK)
        fail(&self, "data set");
    open_all(&self);
    index_all(&self);
    struct measure measure = ask_all(&self);
    double recall_5 = measure_mean(&measure, measure.recall_5);
    printf("%zu documents, %zu queries: R@5 %.1f  R@10 %.1f  nDCG@10 %.1f  MRR %.1f",
        self.dataset->document_count, measure.queries, 100 * recall_5,
        100 * measure_mean(&measure, measure.recall_10),
        100 * measure_mean(&measure, measure.gain_10),
        100 * measure_mean(&measure, measure.reciprocal_rank));
    if (measure.unanswerable)
        printf("; %zu unanswerable, top 5 filled %.2f", measure.unanswerable,
            measure_filled(&measure));
    printf("\n");
    close_all(&self);
    if (recall_5 < options->expected_recall_5) {
        printf("R@5 is under the expected %.1f\n", 100 * options->expected_recall_5);
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}

static int
usage(void)
{
    fprintf(stderr, "usage: retrieval_eval FOLDER [--kind KIND] [--min-score N] "
                    "[--expect-recall-5 N] [--each]\n");
    return 2;
}

/* False when there is no such option, or no value for it. */
static bool
take_value(struct options *options, struct text name, const char *value)
{
    if (!value)
        return false;
    if (text_is(name, "--kind"))
        options->kind = text_of(value);
    else if (text_is(name, "--min-score"))
        options->min_score = strtof(value, NULL);
    else if (text_is(name, "--expect-recall-5"))
        options->expected_recall_5 = strtod(value, NULL);
    else
        return false;
    return true;
}

int
main(int argc, char **argv)
{
    struct options options = {.min_score = -1};
    for (int i = 1; i < argc; i++) {
        struct text argument = text_of(argv[i]);
        if (text_is(argument, "--each")) {
            options.each = true;
        } else if (argv[i][0] != '-' && !options.folder) {
            options.folder = argv[i];
        } else if (take_value(&options, argument, i + 1 < argc ? argv[i + 1] : NULL)) {
            i++;
        } else {
            return usage();
        }
    }
    return options.folder ? evaluate(&options) : usage();
}
