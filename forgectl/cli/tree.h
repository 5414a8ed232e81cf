/* tree: an object of any shape, for a person or for a pipe.
 *
 * On a terminal: a line a member, and a table where members are alike. In a pipe: a line a value,
 * "modules.context.state<TAB>ok".
 */
#pragma once

#include "common/base/text.h"
#include "forgectl/cli/cli.h"

void tree_print(const struct cli *cli, struct text object);
