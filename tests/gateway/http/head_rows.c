#include "tests/gateway/http/head_rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

const struct http_head_limits head_row_limits = {
    .head_bytes = 2048, .headers = 16, .uri_bytes = 256, .body_bytes = 1000};

enum http_head_verdict
head_feed(struct http_head *head, struct text bytes)
{
    http_head_init(head);
    return http_head_feed(head, &head_row_limits, bytes);
}

int
head_status(struct text bytes)
{
    struct http_head head;
    switch (head_feed(&head, bytes)) {
    case HEAD_WHOLE: return 0;
    case HEAD_PARTIAL: return -1;
    case HEAD_REFUSED: return head.refusal.http_status;
    }
    return -2;
}

void
head_assert_rows(const struct head_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int status = head_status(rows[i].bytes);
        if (status != rows[i].status)
            fail_msg("%d instead of %d for row %zu: %.*s", status, rows[i].status, i,
                TEXT_FORMAT(rows[i].bytes));
    }
}
