#include "forgectl/import/progress.h"

#include "common/base/clock.h"

enum { REDRAW_MS = 100, LINE_MS = 10000, BAR_COLUMNS = 24, NAME_COLUMNS = 24 };

uint64_t
import_counts_done(const struct import_counts *self)
{
    return self->created + self->merged + self->unchanged + self->skipped + self->failed;
}

void
progress_init(struct progress *self, FILE *err, const char *name, bool is_tty, bool is_quiet)
{
    int64_t now = clock_monotonic_ms();
    *self = (struct progress){.err = err,
        .name = name,
        .is_tty = is_tty,
        .is_quiet = is_quiet,
        .started_ms = now,
        .shown_ms = now};
}

static unsigned
percent(uint64_t done, uint64_t total)
{
    if (total == 0)
        return 0;
    return done >= total ? 100 : (unsigned)(done * 100 / total);
}

static uint64_t
rate(const struct progress *self, const struct import_counts *counts)
{
    int64_t elapsed_ms = clock_monotonic_ms() - self->started_ms;
    return import_counts_done(counts) * 1000 / (uint64_t)(elapsed_ms > 0 ? elapsed_ms : 1);
}

static void
draw_bar(struct progress *self, uint64_t done, uint64_t total, const struct import_counts *counts)
{
    char bar[BAR_COLUMNS + 1];
    unsigned share = percent(done, total);
    for (unsigned i = 0; i < BAR_COLUMNS; i++)
        bar[i] = i * 100 < share * BAR_COLUMNS ? '#' : '.';
    bar[BAR_COLUMNS] = '\0';
    if (total > 0)
        (void)fprintf(self->err, "\r\033[K%.*s [%s] %3u%%", NAME_COLUMNS, self->name, bar, share);
    else
        (void)fprintf(self->err, "\r\033[K%.*s", NAME_COLUMNS, self->name);
    (void)fprintf(self->err, "  %llu entries, %llu/s",
        (unsigned long long)import_counts_done(counts), (unsigned long long)rate(self, counts));
    if (counts->failed > 0)
        (void)fprintf(self->err, ", %llu failed", (unsigned long long)counts->failed);
    (void)fflush(self->err);
    self->is_drawn = true;
}

static void
write_line(
    const struct progress *self, uint64_t done, uint64_t total, const struct import_counts *counts)
{
    (void)fprintf(self->err, "%s: %llu entries, %llu/s, %llu failed", self->name,
        (unsigned long long)import_counts_done(counts), (unsigned long long)rate(self, counts),
        (unsigned long long)counts->failed);
    if (total > 0)
        (void)fprintf(self->err, ", %u%%", percent(done, total));
    (void)fputc('\n', self->err);
}

void
progress_show(
    struct progress *self, uint64_t done, uint64_t total, const struct import_counts *counts)
{
    int64_t now = clock_monotonic_ms();
    if (self->is_quiet || now - self->shown_ms < (self->is_tty ? REDRAW_MS : LINE_MS))
        return;
    self->shown_ms = now;
    if (self->is_tty)
        draw_bar(self, done, total, counts);
    else
        write_line(self, done, total, counts);
}

void
progress_clear(struct progress *self)
{
    if (self->is_drawn)
        (void)fputs("\r\033[K", self->err);
    self->is_drawn = false;
}
