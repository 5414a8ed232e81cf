/* proof: that the backup folder can be written and read back, by doing it. */
#pragma once

#include "common/base/problem.h"
#include "common/base/status.h"

/* Writes a small file, syncs it, reads it back and removes it. */
enum status proof_of_folder(const char *folder, struct problem *problem);
