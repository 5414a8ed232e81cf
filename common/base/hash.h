/* hash: FNV-1a, 64 bits (Fowler, Noll, Vo; http://www.isthe.com/chongo/tech/comp/fnv/).
 *
 * For table slots and for naming terms, where nobody gains by a collision. Not for secrets and not
 * for content identity: those use libcrypto.
 */
#pragma once

#include <stdint.h>

#include "common/base/text.h"

uint64_t hash_fnv1a(struct text text);
