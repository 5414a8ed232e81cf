/* phrase: what a document gains when words that follow each other in the query do so in its text.
 * Looked up in the forward record of its best unit, for the best candidates only. */
#pragma once

#include "common/base/problem.h"
#include "context-svc/index/rank.h"
#include "context-svc/index/terms.h"
#include "context-svc/index/view.h"

/* At most what index_phrase_gain would give; 0 when no two words could be a phrase. */
float index_phrase_most(const struct index_view *view, const struct index_terms *terms,
    const struct index_candidate *candidate);

/* Sets `gain` >= 0, in the measure of the score. DATA_LOSS or UNAVAILABLE: no record. */
enum status index_phrase_gain(const struct index_view *view, const struct store_snapshot *snapshot,
    const struct index_terms *terms, const struct index_candidate *candidate, float *gain,
    struct problem *problem) MUST_CHECK;
