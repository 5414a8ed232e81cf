#include "tests/forgectl/cli_run.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/memory.h"
#include "forgectl/verbs/run.h"

enum { WORDS_MAX = 32 };

/* Files rather than memory streams: forgectl asks the descriptors whether they are terminals. */
static FILE *
temporary(const char *content)
{
    FILE *file = tmpfile();
    assert(file != NULL);
    (void)fwrite(content, 1, strlen(content), file);
    rewind(file);
    return file;
}

static char *
take(FILE *file)
{
    long size = ftell(file);
    char *content = memory_new((size_t)size + 1);
    rewind(file);
    size_t length = fread(content, 1, (size_t)size, file);
    assert(length == (size_t)size);
    (void)fclose(file);
    return content;
}

struct cli_result
cli_run(const char *const *words, const char *input)
{
    char *argv[WORDS_MAX + 2] = {strdup("forgectl")};
    int argc = 1;
    for (; words[argc - 1] != NULL && argc < WORDS_MAX; argc++)
        argv[argc] = strdup(words[argc - 1]);
    char *owned[WORDS_MAX + 2];
    memcpy(owned, argv, sizeof(owned)); /* getopt reorders argv */
    FILE *in = temporary(input != NULL ? input : "");
    FILE *out = temporary("");
    FILE *err = temporary("");
    struct cli_result result = {.code = forgectl_run(argc, argv, in, out, err)};
    (void)fclose(in);
    result.out = take(out);
    result.err = take(err);
    for (int i = 0; i < argc; i++)
        free(owned[i]);
    return result;
}

void
cli_result_release(struct cli_result *self)
{
    free(self->out);
    free(self->err);
}
