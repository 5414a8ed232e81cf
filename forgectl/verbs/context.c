/* The verbs that read what was stored: context search, get and list. */
#include "common/json/writer.h"
#include "forgectl/cli/output.h"
#include "forgectl/cli/safe_text.h"
#include "forgectl/cli/view.h"
#include "forgectl/client/tool.h"
#include "forgectl/verbs/arguments.h"
#include "forgectl/verbs/verbs.h"

enum { ANSWER_ARENA_BYTES = 64 << 20, TOKENS_MAX = 100000 };

static const struct argument_row search_arguments[] = {
    {"project", "project", ARGUMENT_AS_TEXT},
    {"kind", "kinds", ARGUMENT_AS_LIST},
    {"tag", "tags", ARGUMENT_AS_LIST},
    {"scope", "scope", ARGUMENT_AS_TEXT},
    {"since", "since", ARGUMENT_AS_TEXT},
    {"limit", "limit", ARGUMENT_AS_NUMBER},
};

enum { SEARCH_ARGUMENT_COUNT = sizeof(search_arguments) / sizeof(search_arguments[0]) };

/* Reading tools answer with as many tokens as a model can take; a person can take more. */
static void
write_budget(struct json_writer *writer)
{
    json_write_key(writer, "max_tokens");
    json_write_integer(writer, TOKENS_MAX);
}

static const char *const list_paths[] = {"results", "hits", "entries", "contexts", NULL};

int
verb_context_search(struct cli *cli)
{
    static const struct output_column columns[] = {{"score", "SCORE"}, {"id", "ID"},
        {"kind", "KIND"}, {"title", "TITLE"}, {"snippet", "SNIPPET"}};
    const char *const *words = NULL;
    size_t word_count = options_arguments(cli->options, &words);
    CLEANUP(buffer_release) struct buffer query = {0};
    for (size_t i = 0; i < word_count; i++)
        buffer_format(&query, "%s%s", i > 0 ? " " : "", words[i]);
    CLEANUP(buffer_release) struct buffer arguments = {0};
    struct json_writer writer;
    json_writer_init(&writer, &arguments);
    json_write_object_begin(&writer);
    json_write_key(&writer, "query");
    json_write_text(&writer, buffer_text(&query));
    arguments_write(cli, search_arguments, SEARCH_ARGUMENT_COUNT, &writer);
    if (options_given(cli->options, "min-score")) {
        json_write_key(&writer, "min_score");
        json_write_number(&writer, options_ratio(cli->options, "min-score"));
    }
    write_budget(&writer);
    json_write_object_end(&writer);
    CLEANUP(buffer_release) struct buffer result = {0};
    int code = tool_call(cli, "context_search", buffer_text(&arguments), NULL, &result);
    if (code != CLI_OK)
        return code;
    struct text list = view_first(buffer_text(&result), list_paths);
    output_list(cli, buffer_text(&result), list, columns, sizeof(columns) / sizeof(columns[0]));
    return CLI_OK;
}

int
verb_context_list(struct cli *cli)
{
    static const struct output_column columns[] = {{"id", "ID"}, {"created_at", "CREATED"},
        {"kind", "KIND"}, {"project", "PROJECT"}, {"title", "TITLE"}};
    CLEANUP(buffer_release) struct buffer arguments = {0};
    struct json_writer writer;
    json_writer_init(&writer, &arguments);
    json_write_object_begin(&writer);
    arguments_write(cli, search_arguments, SEARCH_ARGUMENT_COUNT, &writer);
    if (options_given(cli->options, "cursor")) {
        json_write_key(&writer, "cursor");
        json_write_string(&writer, options_text(cli->options, "cursor"));
    }
    write_budget(&writer);
    json_write_object_end(&writer);
    CLEANUP(buffer_release) struct buffer result = {0};
    int code = tool_call(cli, "context_list", buffer_text(&arguments), NULL, &result);
    if (code != CLI_OK)
        return code;
    struct text answer = buffer_text(&result);
    output_list(
        cli, answer, view_first(answer, list_paths), columns, sizeof(columns) / sizeof(columns[0]));
    CLEANUP(arena_release) struct arena arena;
    arena_init(&arena, ANSWER_ARENA_BYTES);
    static const char *const cursor_paths[] = {"next_cursor", "cursor", NULL};
    struct text cursor = view_string(view_first(answer, cursor_paths), &arena);
    if (cursor.length > 0)
        cli_note(cli, "there is more: --cursor %.*s", TEXT_FORMAT(cursor));
    return CLI_OK;
}

/* An entry's text for a person, or byte by byte for a pipe. */
static void
print_entry(const struct cli *cli, struct text entry, bool with_heading)
{
    CLEANUP(arena_release) struct arena arena;
    arena_init(&arena, ANSWER_ARENA_BYTES);
    struct text content = view_string(view_member(entry, "content"), &arena);
    CLEANUP(buffer_release) struct buffer shown = {0};
    if (with_heading) {
        struct text id = view_string(view_member(entry, "id"), &arena);
        struct text title = view_string(view_member(entry, "title"), &arena);
        buffer_format(&shown, "== %.*s ", TEXT_FORMAT(id));
        safe_text_add(&shown, title, SAFE_TEXT_LINE);
        buffer_add_byte(&shown, '\n');
    }
    if (cli->out_is_tty)
        safe_text_add(&shown, content, SAFE_TEXT_BLOCK);
    else
        buffer_add_text(&shown, content);
    if (shown.length == 0 || shown.data[shown.length - 1] != '\n')
        buffer_add_byte(&shown, '\n');
    (void)fwrite(shown.data, 1, shown.length, cli->out);
}

/* What several calls answered, as one answer. */
struct gathered {
    struct buffer entries; /* raw JSON, commas between */
    struct buffer missing;
};

static void
gathered_release(struct gathered *self)
{
    buffer_release(&self->entries);
    buffer_release(&self->missing);
}

static void
gather(struct buffer *list, struct text array)
{
    struct view_walk walk;
    view_walk_begin(&walk, array);
    while (view_walk_next(&walk))
        buffer_format(list, "%s%.*s", list->length > 0 ? "," : "", TEXT_FORMAT(walk.value));
}

/* One id a call: the longest entry then always fits the answer whole. */
static int
get_one(struct cli *cli, const char *id, struct gathered *gathered)
{
    CLEANUP(buffer_release) struct buffer arguments = {0};
    struct json_writer writer;
    json_writer_init(&writer, &arguments);
    json_write_object_begin(&writer);
    json_write_key(&writer, "ids");
    json_write_array_begin(&writer);
    json_write_string(&writer, id);
    json_write_array_end(&writer);
    write_budget(&writer);
    json_write_object_end(&writer);
    CLEANUP(buffer_release) struct buffer result = {0};
    int code = tool_call(cli, "context_get", buffer_text(&arguments), NULL, &result);
    if (code != CLI_OK)
        return code;
    gather(&gathered->entries, view_first(buffer_text(&result), list_paths));
    gather(&gathered->missing, view_member(buffer_text(&result), "missing"));
    return CLI_OK;
}

static void
print_gathered(const struct cli *cli, const struct gathered *gathered, bool with_headings)
{
    CLEANUP(buffer_release) struct buffer answer = {0};
    buffer_format(&answer, "{\"entries\":[%.*s],\"missing\":[%.*s]}",
        TEXT_FORMAT(buffer_text(&gathered->entries)), TEXT_FORMAT(buffer_text(&gathered->missing)));
    if (cli->format == CLI_JSON) {
        (void)fprintf(cli->out, "%.*s\n", TEXT_FORMAT(buffer_text(&answer)));
        return;
    }
    struct view_walk walk;
    view_walk_begin(&walk, view_member(buffer_text(&answer), "entries"));
    while (view_walk_next(&walk)) {
        if (cli->format == CLI_JSONL)
            (void)fprintf(cli->out, "%.*s\n", TEXT_FORMAT(walk.value));
        else
            print_entry(cli, walk.value, with_headings);
    }
}

static int
tell_missing(struct cli *cli, struct text list)
{
    CLEANUP(arena_release) struct arena arena;
    arena_init(&arena, ANSWER_ARENA_BYTES);
    CLEANUP(buffer_release) struct buffer array = {0};
    buffer_format(&array, "[%.*s]", TEXT_FORMAT(list));
    struct text ids = view_display(buffer_text(&array), &arena);
    return cli_fail(cli, CLI_NOT_FOUND, "not-found", "'forgectl context search' finds ids",
        "no entry %.*s", TEXT_FORMAT(ids));
}

int
verb_context_get(struct cli *cli)
{
    const char *const *ids = NULL;
    size_t id_count = options_arguments(cli->options, &ids);
    CLEANUP(gathered_release) struct gathered gathered = {{0}, {0}};
    int code = CLI_OK;
    for (size_t i = 0; i < id_count && code == CLI_OK; i++)
        code = get_one(cli, ids[i], &gathered);
    if (code != CLI_OK)
        return code;
    print_gathered(cli, &gathered, id_count > 1 && cli->format == CLI_TABLE);
    if (gathered.missing.length == 0)
        return CLI_OK;
    return tell_missing(cli, buffer_text(&gathered.missing));
}
