/* file: a small file read whole and replaced whole. */
#pragma once

#include "common/base/attributes.h"
#include "common/base/buffer.h"
#include "common/base/problem.h"
#include "common/base/status.h"

/* A missing file is empty. PERMISSION_DENIED or OUT_OF_RANGE (over 4 MiB) with words. */
enum status connect_file_read(
    const char *path, struct buffer *content, struct problem *problem) MUST_CHECK;

/* Writes beside it, syncs and renames, so that a reader sees the old or the new and nothing
 * between. Keeps the mode of an existing file and writes through a symbolic link. Makes the last
 * folder of the path when it is missing. UNAVAILABLE with words. */
enum status connect_file_replace(
    const char *path, struct text content, struct problem *problem) MUST_CHECK;
