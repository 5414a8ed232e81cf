#include "forgectl/client/transfers.h"

#include <assert.h>
#include <curl/curl.h>
#include <stdlib.h>
#include <strings.h>

#include "common/base/buffer.h"
#include "common/base/clock.h"
#include "common/base/memory.h"
#include "forgectl/client/url.h"

struct transfer {
    struct transfer *next;
    CURL *easy;
    struct curl_slist *headers;
    struct transfer_hooks hooks;
    struct buffer body;
    int64_t deadline_ms; /* INT64_MAX once a stream has begun */
    bool is_stream;
    bool is_too_long;
    char words[CURL_ERROR_SIZE];
};

struct transfers {
    CURLM *multi;
    struct transfer *first;
    size_t count;
};

struct transfers *
transfers_create(void)
{
    struct transfers *self = memory_new(sizeof(*self));
    self->multi = curl_multi_init();
    if (self->multi == NULL)
        abort();
    return self;
}

static void
transfer_destroy(struct transfers *owner, struct transfer *transfer)
{
    if (transfer->easy != NULL) {
        (void)curl_multi_remove_handle(owner->multi, transfer->easy);
        curl_easy_cleanup(transfer->easy);
    }
    curl_slist_free_all(transfer->headers);
    buffer_release(&transfer->body);
    free(transfer);
}

void
transfers_destroy(struct transfers **self_p)
{
    struct transfers *self = TAKE(*self_p);
    if (self == NULL)
        return;
    while (self->first != NULL) {
        struct transfer *gone = self->first;
        self->first = gone->next;
        transfer_destroy(self, gone);
    }
    (void)curl_multi_cleanup(self->multi);
    free(self);
}

static void
take_out(struct transfers *self, struct transfer *transfer)
{
    struct transfer **at = &self->first;
    while (*at != NULL && *at != transfer)
        at = &(*at)->next;
    assert(*at != NULL);
    *at = transfer->next;
    self->count--;
}

static bool
is_event_stream(CURL *easy)
{
    const char *type = NULL;
    (void)curl_easy_getinfo(easy, CURLINFO_CONTENT_TYPE, &type);
    return type != NULL && strncasecmp(type, "text/event-stream", 17) == 0;
}

static size_t
on_body(char *data, size_t size, size_t count, void *argument)
{
    struct transfer *self = argument;
    size_t length = size * count;
    if (!self->is_stream && self->hooks.on_stream != NULL && self->body.length == 0 &&
        is_event_stream(self->easy)) {
        self->is_stream = true;
        self->deadline_ms = INT64_MAX;
    }
    if (self->is_stream) {
        self->hooks.on_stream(self->hooks.argument, text_from(data, length));
        return length;
    }
    if (self->body.length + length > TRANSFER_ANSWER_MAX) {
        self->is_too_long = true;
        return 0; /* libcurl ends the transfer */
    }
    buffer_add(&self->body, data, length);
    return length;
}

static void
add_header(struct transfer *self, const char *line)
{
    struct curl_slist *longer = curl_slist_append(self->headers, line);
    if (longer == NULL)
        abort();
    self->headers = longer;
}

static void
add_headers(struct transfer *self, const struct transfer_request *request)
{
    for (size_t i = 0; i < request->header_count; i++)
        add_header(self, request->headers[i]);
    /* Bodies are small and the server is near: asking first costs a turn for nothing. */
    add_header(self, "Expect:");
    if (request->token != NULL) {
        CLEANUP(buffer_release) struct buffer line = {0};
        buffer_format(&line, "Authorization: Bearer %s", request->token);
        add_header(self, buffer_string(&line));
    }
    (void)curl_easy_setopt(self->easy, CURLOPT_HTTPHEADER, self->headers);
}

static void
set_method(CURL *easy, const struct transfer_request *request)
{
    (void)curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
    if (request->body.data == NULL)
        return;
    (void)curl_easy_setopt(easy, CURLOPT_POST, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.length);
    (void)curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body.data);
}

struct transfer *
transfers_start(struct transfers *self, const struct transfer_request *request,
    const struct transfer_hooks *hooks)
{
    struct transfer *transfer = memory_new(sizeof(*transfer));
    CURL *easy = curl_easy_init();
    if (easy == NULL)
        abort();
    transfer->easy = easy;
    transfer->hooks = *hooks;
    transfer->deadline_ms = clock_monotonic_ms() + request->timeout_ms;
    (void)curl_easy_setopt(easy, CURLOPT_URL, request->url);
    (void)curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    (void)curl_easy_setopt(easy, CURLOPT_USERAGENT, "forgectl/" FORGE_VERSION);
    (void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->words);
    (void)curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
    if (url_is_loopback(request->url))
        (void)curl_easy_setopt(easy, CURLOPT_PROXY, "");
    set_method(easy, request);
    add_headers(transfer, request);
    (void)curl_multi_add_handle(self->multi, easy);
    transfer->next = self->first;
    self->first = transfer;
    self->count++;
    return transfer;
}

void
transfers_cancel(struct transfers *self, struct transfer **transfer_p)
{
    struct transfer *transfer = TAKE(*transfer_p);
    if (transfer == NULL)
        return;
    take_out(self, transfer);
    transfer_destroy(self, transfer);
}

size_t
transfers_pending(const struct transfers *self)
{
    return self->count;
}

static enum status
status_of(const struct transfer *transfer, CURLcode code)
{
    if (code == CURLE_OK)
        return STATUS_OK;
    if (transfer->is_too_long)
        return STATUS_OUT_OF_RANGE;
    if (code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL)
        return STATUS_INVALID_ARGUMENT;
    return code == CURLE_OPERATION_TIMEDOUT ? STATUS_DEADLINE_EXCEEDED : STATUS_UNAVAILABLE;
}

/* Calls back with the outcome and forgets the transfer. */
static void
finish(struct transfers *self, struct transfer *transfer, enum status status, const char *words)
{
    struct transfer_answer answer = {
        .status = status,
        .problem = words,
        .body = buffer_text(&transfer->body),
        .was_streamed = transfer->is_stream,
    };
    long sent_bytes = 0;
    (void)curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &answer.http_status);
    (void)curl_easy_getinfo(transfer->easy, CURLINFO_REQUEST_SIZE, &sent_bytes);
    answer.was_sent = sent_bytes > 0;
    take_out(self, transfer);
    transfer->hooks.on_done(transfer->hooks.argument, transfer, &answer);
    transfer_destroy(self, transfer);
}

static const char *
words_of(const struct transfer *transfer, CURLcode code)
{
    if (transfer->is_too_long)
        return "the answer is longer than 64 MiB";
    if (code == CURLE_COULDNT_CONNECT)
        return "nothing accepts connections there";
    return transfer->words[0] != '\0' ? transfer->words : curl_easy_strerror(code);
}

static void
finish_ended(struct transfers *self)
{
    int left = 0;
    CURLMsg *message = NULL;
    while ((message = curl_multi_info_read(self->multi, &left)) != NULL) {
        if (message->msg != CURLMSG_DONE)
            continue;
        CURLcode code = message->data.result;
        char *owner = NULL;
        (void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &owner);
        struct transfer *transfer = (struct transfer *)(void *)owner;
        finish(self, transfer, status_of(transfer, code), words_of(transfer, code));
    }
}

static struct transfer *
find_late(const struct transfers *self, int64_t now)
{
    for (struct transfer *at = self->first; at != NULL; at = at->next)
        if (at->deadline_ms <= now)
            return at;
    return NULL;
}

static int
wait_ms(const struct transfers *self, int timeout_ms)
{
    int64_t now = clock_monotonic_ms();
    int64_t wait = timeout_ms;
    for (const struct transfer *at = self->first; at != NULL; at = at->next)
        if (at->deadline_ms - now < wait)
            wait = at->deadline_ms - now;
    return wait < 0 ? 0 : (int)wait;
}

static void
wait_for_something(struct transfers *self, const int *fds, size_t fd_count, int timeout_ms)
{
    struct curl_waitfd extra[TRANSFERS_FDS_MAX];
    assert(fd_count <= TRANSFERS_FDS_MAX);
    for (size_t i = 0; i < fd_count; i++)
        extra[i] = (struct curl_waitfd){.fd = fds[i], .events = CURL_WAIT_POLLIN};
    (void)curl_multi_poll(self->multi, extra, (unsigned)fd_count, wait_ms(self, timeout_ms), NULL);
}

void
transfers_turn(struct transfers *self, const int *fds, size_t fd_count, int timeout_ms)
{
    int running = 0;
    (void)curl_multi_perform(self->multi, &running);
    size_t before = self->count;
    finish_ended(self);
    if (self->count == before) {
        wait_for_something(self, fds, fd_count, timeout_ms);
        (void)curl_multi_perform(self->multi, &running);
        finish_ended(self);
    }
    struct transfer *late = NULL;
    while ((late = find_late(self, clock_monotonic_ms())) != NULL)
        finish(self, late, STATUS_DEADLINE_EXCEEDED, "no answer in time");
}

const char *
transfer_header(const struct transfer *transfer, const char *name)
{
    struct curl_header *header = NULL;
    if (curl_easy_header(transfer->easy, name, 0, CURLH_HEADER, -1, &header) != CURLHE_OK)
        return NULL;
    return header->value;
}
