/* verbs: the table of what forgectl can do. */
#pragma once

#include "forgectl/cli/verb.h"

const struct verb *verbs_table(size_t *count);

/* The options that every verb takes. */
const struct option_row *verbs_options(size_t *count);

/* Each gives an exit code. */
int verb_status(struct cli *cli);
int verb_health(struct cli *cli);
int verb_version(struct cli *cli);
int verb_help(struct cli *cli);
int verb_context_save(struct cli *cli);
int verb_context_search(struct cli *cli);
int verb_context_get(struct cli *cli);
int verb_context_list(struct cli *cli);
int verb_context_import(struct cli *cli);
int verb_backup_run(struct cli *cli);
int verb_backup_list(struct cli *cli);
int verb_backup_verify(struct cli *cli);
int verb_backup_restore(struct cli *cli);
int verb_mcp_stdio(struct cli *cli);
int verb_connect(struct cli *cli);
