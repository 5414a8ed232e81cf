/* clients: what each assistant wants in its configuration. */
#pragma once

#include <stdbool.h>

#include "common/base/buffer.h"

/* Where the gateway is, and how to come in. */
struct connect_target {
    const char *url;        /* of /mcp */
    const char *token_file; /* NULL: no token */
    const char *program;    /* this program, when it is to be the bridge; NULL: by HTTP */
};

struct connect_client {
    const char *name;      /* the word on the command line */
    const char *title;     /* "Claude Code" */
    const char *file;      /* below the project */
    const char *user_file; /* below the home folder; NULL: there is a command instead */
    const char *section;   /* the member that holds the servers */
    const char *reference; /* how its files name the token, never the token itself */
    const char *next;      /* what the person does then */
    bool asks_for_token;   /* the token's name needs a row in "inputs" */
    bool names_http;       /* "type": "http" is wanted beside the URL */
};

/* NULL when there is none of that name. */
const struct connect_client *connect_client_find(const char *name);

/* Writes the server's value as raw JSON. */
void connect_client_write(
    const struct connect_client *self, const struct connect_target *target, struct buffer *json);

/* The row of "inputs" by which VS Code asks for the token once and keeps it. */
struct text connect_token_input(void);

/* Writes the client's own command that adds the server for the whole user. */
void connect_client_command(const struct connect_client *self, const char *name,
    const struct connect_target *target, struct buffer *line);
