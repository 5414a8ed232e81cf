#include "forgectl/import/detect.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "common/base/memory.h"
#include "common/json/reader.h"
#include "forgectl/cli/view.h"
#include "forgectl/import/folder.h"
#include "forgectl/import/graph.h"
#include "forgectl/import/jsonl.h"
#include "forgectl/import/lines.h"

static bool
is_markdown_name(const char *path)
{
    const char *ending = strrchr(path, '.');
    return ending != NULL &&
           (strcasecmp(ending, ".md") == 0 || strcasecmp(ending, ".markdown") == 0);
}

static enum status
refuse_whole_json(const char *path, struct problem *problem)
{
    problem_set(problem,
        "%.60s is one JSON document, and one JSON object a line is wanted. With an array: "
        "jq -c '.[]' %.60s | forgectl context import -",
        path, path);
    return STATUS_INVALID_ARGUMENT;
}

/* Looks at the first line that holds something; the file is then at its start again. */
static enum status
look_inside(FILE *file, const char *path, bool *is_graph, struct problem *problem)
{
    CLEANUP(lines_release) struct lines lines;
    lines_init(&lines, file);
    struct text line = {NULL, 0};
    enum status status = STATUS_OK;
    while ((status = lines_next(&lines, &line)) == STATUS_OK && text_trim(line).length == 0)
        continue;
    rewind(file);
    line = text_trim(line);
    if (status == STATUS_OK && (line.data[0] == '[' || text_is(line, "{")))
        return refuse_whole_json(path, problem);
    struct text type = status == STATUS_OK ? view_member(line, "type") : TEXT("");
    bool has_entity = view_member(line, "entityType").data != NULL;
    bool has_relation = view_member(line, "relationType").data != NULL;
    *is_graph = (text_is(type, "\"entity\"") && has_entity) ||
                (text_is(type, "\"relation\"") && has_relation);
    return STATUS_OK;
}

static enum status
open_file(
    const char *path, const char *format, struct import_source **self_p, struct problem *problem)
{
    FILE *file = fopen(path, "re");
    struct stat facts = {0};
    if (file == NULL || fstat(fileno(file), &facts) != 0) {
        problem_set(problem, "cannot read %.180s: %s", path, strerror(errno));
        if (file != NULL)
            (void)fclose(file);
        return STATUS_NOT_FOUND;
    }
    uint64_t size = (uint64_t)facts.st_size;
    bool is_graph = strcmp(format, "memory") == 0;
    if (strcmp(format, "auto") == 0 && S_ISREG(facts.st_mode)) {
        enum status status = look_inside(file, path, &is_graph, problem);
        if (status != STATUS_OK) {
            (void)fclose(file);
            return status;
        }
    }
    if (is_graph)
        return graph_source_create(&file, path, size, self_p, problem);
    *self_p = jsonl_source_create(file, true, path, size);
    return STATUS_OK;
}

enum status
import_source_open(const char *path, const char *format, FILE *input, struct import_source **self_p,
    struct problem *problem)
{
    struct stat facts = {0};
    bool is_auto = strcmp(format, "auto") == 0;
    if (strcmp(path, "-") == 0) {
        if (!is_auto && strcmp(format, "jsonl") != 0) {
            problem_set(problem, "standard input is read as JSONL; give a path for other formats");
            return STATUS_INVALID_ARGUMENT;
        }
        *self_p = jsonl_source_create(input, false, "standard input", 0);
        return STATUS_OK;
    }
    if (stat(path, &facts) != 0) {
        problem_set(problem, "cannot read %.180s: %s", path, strerror(errno));
        return STATUS_NOT_FOUND;
    }
    bool is_folder = S_ISDIR(facts.st_mode);
    if (strcmp(format, "markdown") == 0 || (is_auto && (is_folder || is_markdown_name(path))))
        return folder_source_create(path, self_p, problem);
    if (is_folder) {
        problem_set(problem, "%.180s is a folder; --format %s wants a file", path, format);
        return STATUS_INVALID_ARGUMENT;
    }
    return open_file(path, format, self_p, problem);
}
