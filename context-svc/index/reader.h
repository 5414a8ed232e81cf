/* reader: a search thread's scratch memory, and what its last search was about. */
#pragma once

#include "common/base/buffer.h"
#include "context-svc/index/analyser.h"
#include "context-svc/index/filter.h"
#include "context-svc/index/index.h"
#include "context-svc/index/postings.h"
#include "context-svc/index/rank.h"
#include "context-svc/index/score.h"
#include "context-svc/index/terms.h"

struct index_reader {
    struct index_analyser *analyser;
    struct index_terms terms;
    struct index_filter filter;
    struct index_postings postings;
    struct index_scorer scorer;
    struct index_ranking ranking;
    struct index_hit hits[INDEX_RECENT_MAX];
};
