/* index_search: what the index alone costs, in one process on one LevelDB in a temporary folder.
 *
 *     index_search [ENTRIES [SEARCHES]]
 *
 * Entries are synthetic: words drawn by Zipf's law from a vocabulary of 60,000, some 90 of them an
 * entry, saved in groups of 64 with a step of maintenance each. Queries are 2 to 6 words of a
 * random entry, the commonest words left out as stop words are. Prints what saving costs the
 * writer, bytes on disk, thread CPU and wall time of a search, and resident memory.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/base/buffer.h"
#include "common/base/memory.h"
#include "context-svc/index/index.h"

enum {
    VOCABULARY = 60000,
    STOP_RANKS = 60, /* the words that a query would not hold */
    TITLE_WORDS = 8,
    CONTENT_WORDS = 82,
    GROUP = 64,
    TENANT = 1,
};

struct bench {
    uint64_t random;
    double *cumulated; /* share of the words up to a rank */
    struct store *store;
    struct store_batch *batch;
    struct index *index;
    struct index_view *view;
    size_t text_bytes;
};

static void
must(enum status status, const struct problem *problem)
{
    if (status == STATUS_OK)
        return;
    fprintf(stderr, "index_search: %s: %s\n", status_name(status), problem->text);
    exit(EXIT_FAILURE);
}

static uint64_t
draw(struct bench *self)
{
    self->random ^= self->random << 13;
    self->random ^= self->random >> 7;
    self->random ^= self->random << 17;
    return self->random;
}

static double
draw_share(struct bench *self)
{
    return (double)(draw(self) >> 11) / (double)(UINT64_C(1) << 53);
}

static void
make_vocabulary(struct bench *self)
{
    self->cumulated = memory_array(VOCABULARY, sizeof *self->cumulated);
    double sum = 0;
    for (size_t i = 0; i < VOCABULARY; i++)
        self->cumulated[i] = sum += 1 / ((double)i + 2.7);
    for (size_t i = 0; i < VOCABULARY; i++)
        self->cumulated[i] /= sum;
}

static size_t
draw_rank(struct bench *self)
{
    double share = draw_share(self);
    size_t low = 0;
    size_t high = VOCABULARY - 1;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (self->cumulated[middle] < share)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* A word for a rank: syllables that no stemmer cuts. */
static void
add_word(struct buffer *out, size_t rank)
{
    static const char *const syllables[] = {"ka", "to", "mi", "ru", "vo", "ne", "pa", "zu", "li",
        "ko", "ba", "fo", "gu", "ha", "jo", "wo"};
    if (out->length)
        buffer_add_byte(out, ' ');
    size_t mixed = rank * 40503 % 65536;
    for (int i = 0; i < 4; i++) {
        buffer_add_text(out, text_of(syllables[mixed & 15]));
        mixed >>= 4;
    }
    buffer_add_byte(out, 'k');
}

static void
add_words(struct bench *self, struct buffer *out, size_t count)
{
    buffer_clear(out);
    for (size_t i = 0; i < count; i++)
        add_word(out, draw_rank(self));
}

static double
now(clockid_t clock)
{
    struct timespec time;
    clock_gettime(clock, &time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static void
commit(struct bench *self)
{
    struct problem problem = {0};
    must(store_commit(self->store, self->batch, 1, &problem), &problem);
    index_view_unref(&self->view);
    self->view = index_publish(self->index);
    store_batch_clear(self->batch);
}

static bool
maintain(struct bench *self)
{
    struct store_snapshot *snapshot = store_snapshot_create(self->store);
    bool worked = index_maintain(self->index, snapshot, self->batch);
    store_snapshot_destroy(&snapshot);
    return worked;
}

static void
save(struct bench *self, struct buffer *title, struct buffer *content)
{
    add_words(self, title, TITLE_WORDS);
    add_words(self, content, CONTENT_WORDS);
    self->text_bytes += title->length + content->length;
    const struct text tags[] = {TEXT("bench"), TEXT("synthetic")};
    const struct index_document document = {
        .id = uuid_create(1700000000000),
        .project = draw(self) % 4 ? TEXT("house") : TEXT("garden"),
        .kind = draw(self) % 3 ? TEXT("note") : TEXT("decision"),
        .author = TEXT("someone"),
        .title = buffer_text(title),
        .content = buffer_text(content),
        .tags = tags,
        .tag_count = 2,
        .scope = 2,
        .created_at_ms = 1700000000000,
        .updated_at_ms = 1700000000000,
    };
    index_add(self->index, self->batch, &document);
}

static int
compare(const void *a, const void *b)
{
    const double *left = a;
    const double *right = b;
    return (*left > *right) - (*left < *right);
}

static void
print_times(const char *name, double *times, size_t count)
{
    qsort(times, count, sizeof *times, compare);
    printf("%s p50 %.0f us, p90 %.0f us, p99 %.0f us, max %.0f us\n", name, times[count / 2],
        times[count * 9 / 10], times[count * 99 / 100], times[count - 1]);
}

static void
fill(struct bench *self, size_t entries)
{
    CLEANUP(buffer_release) struct buffer title = {0};
    CLEANUP(buffer_release) struct buffer content = {0};
    size_t groups = (entries + GROUP - 1) / GROUP;
    CLEANUP(memory_free) double *times = memory_array(groups, sizeof *times);
    double add_cpu = 0;
    double all_cpu = now(CLOCK_THREAD_CPUTIME_ID);
    size_t saved = 0;
    for (size_t group = 0; group < groups; group++) {
        double wall = now(CLOCK_MONOTONIC);
        double cpu = now(CLOCK_THREAD_CPUTIME_ID);
        for (size_t i = 0; i < GROUP && saved < entries; i++, saved++)
            save(self, &title, &content);
        add_cpu += now(CLOCK_THREAD_CPUTIME_ID) - cpu;
        maintain(self);
        commit(self);
        times[group] = now(CLOCK_MONOTONIC) - wall;
    }
    all_cpu = now(CLOCK_THREAD_CPUTIME_ID) - all_cpu;
    printf("save: %.1f us CPU an entry to analyse and stage, %.1f us with commit and maintenance\n",
        add_cpu / (double)entries, all_cpu / (double)entries);
    print_times("save: a group of 64, wall", times, groups);
    double rest = now(CLOCK_MONOTONIC);
    while (maintain(self))
        commit(self);
    printf("save: maintenance left over for idle times %.0f ms\n",
        (now(CLOCK_MONOTONIC) - rest) / 1e3);
}

static void
make_query(struct bench *self, struct buffer *query)
{
    size_t words = 2 + draw(self) % 5;
    buffer_clear(query);
    while (words) {
        size_t rank = draw_rank(self);
        if (rank < STOP_RANKS)
            continue;
        add_word(query, rank);
        words--;
    }
}

static void
search(struct bench *self, size_t searches)
{
    CLEANUP(buffer_release) struct buffer words = {0};
    CLEANUP(memory_free) double *cpu = memory_array(searches, sizeof *cpu);
    CLEANUP(memory_free) double *wall = memory_array(searches, sizeof *wall);
    struct index_reader *reader = index_reader_create();
    struct store_snapshot *snapshot = store_snapshot_create(self->store);
    size_t found = 0;
    for (size_t i = 0; i < searches; i++) {
        make_query(self, &words);
        const struct index_query query = {
            .query = buffer_text(&words), .min_score = -1, .limit = 8, .now_ms = 1700000001000};
        struct index_result result = {0};
        struct problem problem = {0};
        wall[i] = now(CLOCK_MONOTONIC);
        cpu[i] = now(CLOCK_THREAD_CPUTIME_ID);
        must(index_search(reader, self->view, snapshot, &query, &result, &problem), &problem);
        cpu[i] = now(CLOCK_THREAD_CPUTIME_ID) - cpu[i];
        wall[i] = now(CLOCK_MONOTONIC) - wall[i];
        found += result.total;
    }
    print_times("search: thread CPU", cpu, searches);
    print_times("search: wall", wall, searches);
    printf("search: %.0f entries match on average\n", (double)found / (double)searches);
    store_snapshot_destroy(&snapshot);
    index_reader_destroy(&reader);
}

static double
resident_megabytes(void)
{
    FILE *file = fopen("/proc/self/statm", "re");
    if (!file)
        return 0;
    char line[128];
    const char *resident = fgets(line, sizeof line, file) ? strchr(line, ' ') : NULL;
    long pages = resident ? strtol(resident, NULL, 10) : 0;
    (void)fclose(file);
    return (double)pages * (double)sysconf(_SC_PAGESIZE) / 1e6;
}

static void
open_index(struct bench *self)
{
    struct problem problem = {0};
    struct store_snapshot *snapshot = store_snapshot_create(self->store);
    must(index_open(snapshot, TENANT, &self->index, &problem), &problem);
    store_snapshot_destroy(&snapshot);
    self->view = index_publish(self->index);
}

static void
close_index(struct bench *self)
{
    index_view_unref(&self->view);
    index_close(&self->index);
}

static void
run(struct bench *self, size_t entries, size_t searches)
{
    open_index(self);
    printf("%zu entries, %zu searches\n", entries, searches);
    fill(self, entries);
    printf("disk: %.0f bytes an entry of %.0f bytes of text\n",
        (double)store_size_bytes(self->store) / (double)entries,
        (double)self->text_bytes / (double)entries);
    search(self, searches);
    printf("memory: %.1f MB resident\n", resident_megabytes());
    close_index(self);
    double begin = now(CLOCK_MONOTONIC);
    open_index(self);
    printf("open: %.1f ms\n", (now(CLOCK_MONOTONIC) - begin) / 1e3);
    close_index(self);
}

static void
remove_folder(const char *path)
{
    CLEANUP(buffer_release) struct buffer command = {0};
    buffer_format(&command, "rm -rf '%s'", path);
    if (system(buffer_string(&command)) != 0) /* NOLINT(cert-env33-c): a path of our own making */
        fprintf(stderr, "index_search: %s is left\n", path);
}

int
main(int argc, char **argv)
{
    size_t entries = argc > 1 ? strtoul(argv[1], NULL, 10) : 5000;
    size_t searches = argc > 2 ? strtoul(argv[2], NULL, 10) : 2000;
    if (!entries || !searches) {
        fprintf(stderr, "usage: index_search [ENTRIES [SEARCHES]]\n");
        return 2;
    }
    char path[] = "/tmp/index_search.XXXXXX";
    if (!mkdtemp(path)) {
        perror("index_search");
        return EXIT_FAILURE;
    }
    struct bench self = {.random = 88172645463325252u};
    struct problem problem = {0};
    const struct store_options options = {.engine = STORE_LEVELDB, .path = path, .format = 1};
    make_vocabulary(&self);
    must(store_open(&options, &self.store, &problem), &problem);
    self.batch = store_batch_create(self.store);
    run(&self, entries, searches);
    store_batch_destroy(&self.batch);
    store_close(&self.store);
    free(self.cumulated);
    remove_folder(path);
    return EXIT_SUCCESS;
}
