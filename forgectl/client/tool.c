#include "forgectl/client/tool.h"

#include <string.h>
#include <unistd.h>

#include "forgectl/cli/view.h"

enum { ERROR_ARENA_BYTES = 64 << 10 };

struct wait {
    bool is_done;
    struct buffer *body;
    struct tool_failure *failure;
    const struct cli *cli;
    long http_status;
    bool has_failed;
};

void
tool_url(struct buffer *url, const struct cli *cli, const char *name)
{
    size_t length = strlen(cli->url);
    while (length > 0 && cli->url[length - 1] == '/')
        length--;
    buffer_format(url, "%.*s/api/v1/tools/%s", (int)length, cli->url, name);
}

static int
code_of_http(long http_status)
{
    switch (http_status) {
    case 401:
    case 403: return CLI_DENIED;
    case 404: return CLI_NOT_FOUND;
    case 409:
    case 423: return CLI_BUSY;
    case 429:
    case 507: return CLI_TEMPORARY;
    case 502:
    case 503:
    case 504: return CLI_UNREACHABLE;
    default: return http_status >= 400 && http_status < 500 ? CLI_USAGE : CLI_INTERNAL;
    }
}

static void
set_words(struct tool_failure *failure, const char *name, struct text message)
{
    (void)snprintf(failure->name, sizeof(failure->name), "%s", name);
    struct text shown = text_cut(message, sizeof(failure->message) - 1);
    (void)snprintf(failure->message, sizeof(failure->message), "%.*s", TEXT_FORMAT(shown));
}

static void
describe_silence(
    const struct cli *cli, const struct transfer_answer *answer, struct tool_failure *failure)
{
    char words[sizeof(failure->message)];
    failure->code = answer->status == STATUS_INVALID_ARGUMENT ? CLI_USAGE : CLI_UNREACHABLE;
    failure->is_transient = failure->code == CLI_UNREACHABLE;
    failure->hint = "is it running? './dev up' starts it; another address: --url or FORGE_URL";
    if (answer->status == STATUS_DEADLINE_EXCEEDED) {
        failure->hint = "a longer wait: --timeout 60s";
        (void)snprintf(words, sizeof(words), "%.200s did not answer in time", cli->url);
    } else {
        (void)snprintf(
            words, sizeof(words), "no answer from %.200s: %.200s", cli->url, answer->problem);
    }
    set_words(failure, failure->code == CLI_USAGE ? "usage" : "unreachable", text_of(words));
}

/* The gateway's {"error":{"code":…,"message":…,"hint":…}}, or whatever came instead. */
static void
describe_refusal(const struct transfer_answer *answer, struct tool_failure *failure)
{
    static const char *const message_paths[] = {"error.message", "message", NULL};
    CLEANUP(arena_release) struct arena arena;
    arena_init(&arena, ERROR_ARENA_BYTES);
    failure->code = code_of_http(answer->http_status);
    failure->is_transient = answer->http_status == 429 || answer->http_status >= 502;
    struct text body = text_cut(answer->body, ERROR_ARENA_BYTES / 4);
    struct text message = view_string(view_first(body, message_paths), &arena);
    struct text name = view_string(view_member(body, "error.code"), &arena);
    if (message.length == 0)
        message =
            text_of(arena_format(&arena, "the gateway answered HTTP %ld", answer->http_status));
    set_words(failure, cli_exit_name(failure->code), message);
    if (name.length > 0 && name.length < sizeof(failure->name))
        (void)snprintf(failure->name, sizeof(failure->name), "%.*s", TEXT_FORMAT(name));
    if (text_equals_ignoring_case(name, TEXT("data-loss")))
        failure->code = CLI_DAMAGED;
    if (failure->code == CLI_DENIED)
        failure->hint = "give a token that may do this: --token-file FILE or FORGE_TOKEN_FILE";
}

bool
tool_failed(
    const struct cli *cli, const struct transfer_answer *answer, struct tool_failure *failure)
{
    *failure = (struct tool_failure){0};
    if (answer->status != STATUS_OK) {
        describe_silence(cli, answer, failure);
        return true;
    }
    if (answer->http_status >= 200 && answer->http_status < 300)
        return false;
    describe_refusal(answer, failure);
    return true;
}

static void
on_answer(void *argument, const struct transfer *transfer, const struct transfer_answer *answer)
{
    (void)transfer;
    struct wait *self = argument;
    self->is_done = true;
    self->http_status = answer->http_status;
    self->has_failed = tool_failed(self->cli, answer, self->failure);
    buffer_add_text(self->body, answer->body);
}

/* One request from start to answer. */
static struct wait
run(struct cli *cli, const struct transfer_request *request, struct buffer *body,
    struct tool_failure *failure)
{
    struct wait wait = {.body = body, .failure = failure, .cli = cli};
    CLEANUP(transfers_destroy) struct transfers *transfers = transfers_create();
    const struct transfer_hooks hooks = {.on_done = on_answer, .argument = &wait};
    (void)transfers_start(transfers, request, &hooks);
    while (!wait.is_done)
        transfers_turn(transfers, NULL, 0, 1000);
    return wait;
}

int
tool_call(struct cli *cli, const char *name, struct text arguments, const char *idempotency_key,
    struct buffer *result)
{
    CLEANUP(buffer_release) struct buffer url = {0};
    CLEANUP(buffer_release) struct buffer key = {0};
    tool_url(&url, cli, name);
    const char *headers[2] = {"Content-Type: application/json"};
    size_t header_count = 1;
    if (idempotency_key != NULL) {
        buffer_format(&key, "Idempotency-Key: %s", idempotency_key);
        headers[header_count++] = buffer_string(&key);
    }
    const struct transfer_request request = {
        .method = "POST",
        .url = buffer_string(&url),
        .token = cli->token,
        .headers = headers,
        .header_count = header_count,
        .body = arguments,
        .timeout_ms = cli->timeout_ms,
    };
    struct tool_failure failure;
    struct wait wait = run(cli, &request, result, &failure);
    if (!wait.has_failed)
        return CLI_OK;
    return cli_fail(cli, failure.code, failure.name, failure.hint, "%s", failure.message);
}

int
tool_page(struct cli *cli, const char *path, struct buffer *body, long *http_status)
{
    CLEANUP(buffer_release) struct buffer url = {0};
    size_t length = strlen(cli->url);
    while (length > 0 && cli->url[length - 1] == '/')
        length--;
    buffer_format(&url, "%.*s%s", (int)length, cli->url, path);
    const struct transfer_request request = {
        .method = "GET",
        .url = buffer_string(&url),
        .token = cli->token,
        .timeout_ms = cli->timeout_ms,
    };
    struct tool_failure failure;
    struct wait wait = run(cli, &request, body, &failure);
    *http_status = wait.http_status;
    if (!wait.has_failed || wait.http_status > 0)
        return CLI_OK;
    return cli_fail(cli, failure.code, failure.name, failure.hint, "%s", failure.message);
}
