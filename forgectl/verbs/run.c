#include "forgectl/verbs/run.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/memory.h"
#include "common/base/nearest.h"
#include "forgectl/cli/help.h"
#include "forgectl/cli/token.h"
#include "forgectl/client/url.h"
#include "forgectl/verbs/verbs.h"

enum { MINUTE_MS = 60 * 1000, HOUR_MS = 60 * MINUTE_MS };

#define FORMATS "table|json|jsonl|value"

static const struct option_row every_verbs_options[] = {
    {"url", 0, OPTION_TEXT, "URL", "FORGE_URL", "http://127.0.0.1:8181", 0, 0,
        "the gateway's operators' address"},
    {"token-file", 0, OPTION_TEXT, "FILE", "FORGE_TOKEN_FILE", NULL, 0, 0,
        "file with the bearer token to send"},
    {"output", 'o', OPTION_CHOICE, FORMATS, NULL, "table", 0, 0, "form of the answer"},
    {"no-color", 0, OPTION_FLAG, NULL, "NO_COLOR", NULL, 0, 0, "plain text on a terminal too"},
    {"quiet", 'q', OPTION_FLAG, NULL, NULL, NULL, 0, 0, "no remarks, no progress; errors stay"},
    {"timeout", 0, OPTION_TIME, "TIME", NULL, "10s", 1, HOUR_MS, "longest wait for an answer"},
    {"yes", 'y', OPTION_FLAG, NULL, NULL, NULL, 0, 0, "answer yes to what would be asked"},
    {"version", 0, OPTION_FLAG, NULL, NULL, NULL, 0, 0, "print the version"},
    {"help", 'h', OPTION_FLAG, NULL, NULL, NULL, 0, 0, "tell how to use it"},
};

enum { EVERY_VERBS_OPTION_COUNT = sizeof(every_verbs_options) / sizeof(every_verbs_options[0]) };

const struct option_row *
verbs_options(size_t *count)
{
    *count = EVERY_VERBS_OPTION_COUNT;
    return every_verbs_options;
}

static int
refuse_verb(struct cli *cli, const char *word)
{
    if (help_print_group(cli->err, cli->verbs, cli->verb_count, word))
        return CLI_USAGE;
    struct nearest nearest;
    nearest_init(&nearest, text_of(word));
    for (size_t i = 0; i < cli->verb_count; i++) {
        const char *name = cli->verbs[i].name;
        nearest_offer(&nearest, text_from(name, strcspn(name, " ")));
    }
    if (nearest.count)
        return cli_fail(cli, CLI_USAGE, "usage", NULL, "unknown verb '%s': did you mean '%.*s'?",
            word, TEXT_FORMAT(nearest.names[0]));
    return cli_fail(
        cli, CLI_USAGE, "usage", "'forgectl help' lists the verbs", "unknown verb '%s'", word);
}

static enum cli_format
format_of(const char *word)
{
    static const char *const words[] = {
        [CLI_TABLE] = "table", [CLI_JSON] = "json", [CLI_JSONL] = "jsonl", [CLI_VALUE] = "value"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strcmp(words[i], word) == 0)
            return (enum cli_format)i;
    return CLI_TABLE;
}

static bool
is_plain_terminal(void)
{
    const char *term = getenv("TERM");
    return term == NULL || strcmp(term, "dumb") == 0;
}

/* The options' values where every verb finds them. */
static void
fill(struct cli *cli, const struct options *options)
{
    cli->options = options;
    cli->format = format_of(options_text(options, "output"));
    cli->color = cli->out_is_tty && !options_flag(options, "no-color") && !is_plain_terminal();
    cli->quiet = options_flag(options, "quiet");
    cli->yes = options_flag(options, "yes");
    cli->timeout_ms = options_time_ms(options, "timeout");
    cli->url = options_text(options, "url");
}

static int
run_with_token(struct cli *cli)
{
    if (!url_is_http(cli->url))
        return cli_fail(cli, CLI_USAGE, "usage", "for example http://127.0.0.1:8181",
            "'%s' is no http or https URL", cli->url);
    CLEANUP(memory_free) char *token = NULL;
    const char *path = options_text(cli->options, "token-file");
    struct problem problem = {0};
    bool is_open = false;
    if (path != NULL && token_read(path, &token, &is_open, &problem) != STATUS_OK)
        return cli_fail(cli, CLI_CONFIG, "config", NULL, "%s", problem.text);
    if (is_open)
        cli_note(
            cli, "forgectl: others can read the token file %s; chmod 600 keeps it yours", path);
    cli->token = token;
    return cli->verb->run(cli);
}

static int
check_count(struct cli *cli)
{
    const char *const *words = NULL;
    size_t count = options_arguments(cli->options, &words);
    if (count >= cli->verb->arguments_min && count <= cli->verb->arguments_max)
        return CLI_OK;
    if (count < cli->verb->arguments_min)
        return cli_fail(cli, CLI_USAGE, "usage", NULL, "something is missing: forgectl %s %s",
            cli->verb->name, cli->verb->arguments);
    return cli_fail(cli, CLI_USAGE, "usage", NULL,
        "'%s' is one word too many: forgectl %s %s (quotes keep words together)",
        words[cli->verb->arguments_max], cli->verb->name, cli->verb->arguments);
}

/* argv[0] is the last word of the verb's name. */
static int
run_verb(struct cli *cli, struct options *options, int argc, char **argv)
{
    struct problem problem = {0};
    int next = 0;
    options_add(options, cli->verb->options, cli->verb->option_count);
    if (options_read(options, argc, argv, false, &next, &problem) != STATUS_OK)
        return cli_usage(cli, problem.text);
    if (options_flag(options, "help")) {
        help_print_verb(cli->out, cli->verb);
        return CLI_OK;
    }
    if (options_check(options, &problem) != STATUS_OK)
        return cli_usage(cli, problem.text);
    fill(cli, options);
    int code = check_count(cli);
    return code != CLI_OK ? code : run_with_token(cli);
}

int
forgectl_run(int argc, char **argv, FILE *in, FILE *out, FILE *err)
{
    struct cli cli = {.in = in,
        .out = out,
        .err = err,
        .out_is_tty = isatty(fileno(out)) == 1,
        .err_is_tty = isatty(fileno(err)) == 1};
    cli.verbs = verbs_table(&cli.verb_count);
    CLEANUP(options_destroy) struct options *options = options_create();
    options_add(options, every_verbs_options, EVERY_VERBS_OPTION_COUNT);
    struct problem problem = {0};
    int next = 0;
    if (options_read(options, argc, argv, true, &next, &problem) != STATUS_OK)
        return cli_usage(&cli, problem.text);
    if (options_flag(options, "version"))
        return verb_version(&cli);
    if (next == argc) {
        bool asked = options_flag(options, "help");
        help_print_all(asked ? out : err, cli.verbs, cli.verb_count, every_verbs_options,
            EVERY_VERBS_OPTION_COUNT);
        return asked ? CLI_OK : CLI_USAGE;
    }
    size_t taken = 0;
    const char *const *words = (const char *const *)&argv[next];
    cli.verb = verb_find(cli.verbs, cli.verb_count, words, (size_t)(argc - next), &taken);
    if (cli.verb == NULL)
        return refuse_verb(&cli, argv[next]);
    int last_word = next + (int)taken - 1;
    return run_verb(&cli, options, argc - last_word, argv + last_word);
}
