/* head_rows: tables of heads and what the check says to them. */
#pragma once

#include "gateway/http/head_check.h"

extern const struct http_head_limits head_row_limits;

struct head_row {
    int status; /* 0: whole, -1: partial, else the refusal's */
    struct text bytes;
};

/* All bytes at once into a fresh check. */
enum http_head_verdict head_feed(struct http_head *head, struct text bytes);
int head_status(struct text bytes);

/* Fails the test at the first row that does not hold. */
void head_assert_rows(const struct head_row *rows, size_t count);

#define ASSERT_ROWS(rows)  head_assert_rows(rows, sizeof(rows) / sizeof *(rows))
#define GET(headers)       TEXT("GET / HTTP/1.1\r\nHost: a\r\n" headers "\r\n")
#define POST(headers)      TEXT("POST /mcp HTTP/1.1\r\nHost: a\r\n" headers "\r\n")
#define LINE(request_line) TEXT(request_line "\r\nHost: a\r\n\r\n")
#define SECOND             "GET /second HTTP/1.1\r\nHost: a\r\n\r\n"
