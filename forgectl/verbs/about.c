/* The verbs that tell of forgectl and of the cluster: version, help, health, status. */
#include <string.h>

#include "forgectl/cli/help.h"
#include "forgectl/cli/output.h"
#include "forgectl/cli/view.h"
#include "forgectl/client/tool.h"
#include "forgectl/verbs/verbs.h"

enum { WORD_ARENA_BYTES = 64 << 10 };

int
verb_version(struct cli *cli)
{
    if (cli->format == CLI_JSON || cli->format == CLI_JSONL)
        (void)fprintf(cli->out, "{\"forgectl\":\"%s\"}\n", FORGE_VERSION);
    else if (cli->format == CLI_VALUE)
        (void)fprintf(cli->out, "%s\n", FORGE_VERSION);
    else
        (void)fprintf(cli->out, "forgectl %s\n", FORGE_VERSION);
    return CLI_OK;
}

int
verb_help(struct cli *cli)
{
    const char *const *words = NULL;
    size_t count = options_arguments(cli->options, &words);
    size_t taken = 0;
    if (count == 0) {
        size_t option_count = 0;
        const struct option_row *options = verbs_options(&option_count);
        help_print_all(cli->out, cli->verbs, cli->verb_count, options, option_count);
        return CLI_OK;
    }
    const struct verb *verb = verb_find(cli->verbs, cli->verb_count, words, count, &taken);
    if (verb != NULL) {
        help_print_verb(cli->out, verb);
        return CLI_OK;
    }
    if (help_print_group(cli->out, cli->verbs, cli->verb_count, words[0]))
        return CLI_OK;
    return cli_fail(cli, CLI_USAGE, "usage", "'forgectl help' lists the verbs",
        "there is no verb '%s'", words[0]);
}

int
verb_health(struct cli *cli)
{
    CLEANUP(buffer_release) struct buffer body = {0};
    long http_status = 0;
    int code = tool_page(cli, "/health", &body, &http_status);
    if (code != CLI_OK)
        return code;
    CLEANUP(arena_release) struct arena arena;
    arena_init(&arena, WORD_ARENA_BYTES);
    struct text status = view_string(view_member(buffer_text(&body), "status"), &arena);
    if (status.length == 0)
        return cli_fail(cli, CLI_UNREACHABLE, "unreachable",
            "does --url name the gateway's operators' port (8181)?",
            "%s answered HTTP %ld without a status", cli->url, http_status);
    if (!cli->quiet)
        output_object(cli, buffer_text(&body), "status");
    return text_is(status, "healthy") ? CLI_OK : CLI_BAD;
}

int
verb_status(struct cli *cli)
{
    CLEANUP(buffer_release) struct buffer result = {0};
    bool is_verbose = options_flag(cli->options, "verbose");
    int code = tool_call(
        cli, "forge_status", is_verbose ? TEXT("{\"verbose\":true}") : TEXT("{}"), NULL, &result);
    if (code == CLI_OK)
        output_object(cli, buffer_text(&result), "status");
    return code;
}
