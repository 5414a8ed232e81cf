/* run: forgectl from its command line to its exit code.
 *
 * Reads the options, finds the verb in the table, fills struct cli and runs the verb. The streams
 * are the caller's, so that a test can hand in its own.
 */
#pragma once

#include <stdio.h>

int forgectl_run(int argc, char **argv, FILE *in, FILE *out, FILE *err);
