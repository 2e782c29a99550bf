/* SPDX-License-Identifier: Apache-2.0 */
#include "signal/codes.h"

static const enum cv_signal_close gone_closes[CV_GONE_COUNT] = {
    [CV_GONE_NOT] = CV_CLOSE_OVER,           [CV_GONE_LEFT] = CV_CLOSE_OVER,
    [CV_GONE_LOST] = CV_CLOSE_OVER,          [CV_GONE_REMOVED] = CV_CLOSE_REMOVED,
    [CV_GONE_BLOCKED] = CV_CLOSE_REMOVED,    [CV_GONE_DENIED] = CV_CLOSE_REMOVED,
    [CV_GONE_REVOKED] = CV_CLOSE_REMOVED,    [CV_GONE_ENDED] = CV_CLOSE_OVER,
    [CV_GONE_SIGNED_OUT] = CV_CLOSE_UNKNOWN, [CV_GONE_REPLACED] = CV_CLOSE_REPLACED,
    [CV_GONE_EXPIRED] = CV_CLOSE_OVER,
};

static const enum cv_signal_refusal refusals[] = {
    [CV_REFUSAL_NONE] = CV_REFUSED_UNKNOWN,
    [CV_REFUSAL_TOO_EARLY] = CV_REFUSED_TOO_EARLY,
    [CV_REFUSAL_ENDED] = CV_REFUSED_ENDED,
    [CV_REFUSAL_EXPIRED] = CV_REFUSED_EXPIRED,
    [CV_REFUSAL_LOCKED] = CV_REFUSED_LOCKED,
    [CV_REFUSAL_FULL] = CV_REFUSED_FULL,
    [CV_REFUSAL_BLOCKED] = CV_REFUSED_BLOCKED,
    [CV_REFUSAL_RESUME_FAILED] = CV_REFUSED_RESUME_FAILED,
    [CV_REFUSAL_NO_RELAY] = CV_REFUSED_FULL,
};

static const enum cv_signal_close refusal_closes[CV_REFUSED_COUNT] = {
    [CV_REFUSED_UNKNOWN] = CV_CLOSE_UNKNOWN,
    [CV_REFUSED_TOO_EARLY] = CV_CLOSE_NOT_NOW,
    [CV_REFUSED_ENDED] = CV_CLOSE_PAST,
    [CV_REFUSED_EXPIRED] = CV_CLOSE_PAST,
    [CV_REFUSED_LOCKED] = CV_CLOSE_NOT_NOW,
    [CV_REFUSED_FULL] = CV_CLOSE_NOT_NOW,
    [CV_REFUSED_BLOCKED] = CV_CLOSE_NOT_NOW,
    [CV_REFUSED_SIGNED_OUT] = CV_CLOSE_UNKNOWN,
    [CV_REFUSED_RESUME_FAILED] = CV_CLOSE_UNKNOWN,
    [CV_REFUSED_BAD_MESSAGE] = CV_CLOSE_MALFORMED,
};

enum cv_signal_close cv_signal_gone_close(enum cv_gone gone) {
    return gone_closes[gone];
}

enum cv_signal_refusal cv_signal_refusal_of(enum cv_refusal refusal) {
    return refusals[refusal];
}

enum cv_signal_close cv_signal_refusal_close(enum cv_signal_refusal refusal) {
    return refusal_closes[refusal];
}
