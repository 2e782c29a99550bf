/* SPDX-License-Identifier: Apache-2.0 */
#include "base/err.h"

const char *cv_err_name(enum cv_err err) {
    switch (err) {
#define NAME(e)                                                                                    \
    case e:                                                                                        \
        return #e
        NAME(CV_OK);
        NAME(CV_ERR_MEMORY);
        NAME(CV_ERR_SYSTEM);
        NAME(CV_ERR_STORE);
        NAME(CV_ERR_CRYPTO);
        NAME(CV_ERR_INTERNAL);
        NAME(CV_ERR_AGAIN);
        NAME(CV_ERR_CLOSED);
        NAME(CV_ERR_TIMEOUT);
        NAME(CV_ERR_CONFIG);
        NAME(CV_ERR_SYNTAX);
        NAME(CV_ERR_LIMIT);
        NAME(CV_ERR_TYPE);
        NAME(CV_ERR_RANGE);
        NAME(CV_ERR_SEQUENCE);
        NAME(CV_ERR_AUTH);
        NAME(CV_ERR_TRUNCATED);
        NAME(CV_ERR_DENIED);
        NAME(CV_ERR_NOT_FOUND);
        NAME(CV_ERR_EXISTS);
        NAME(CV_ERR_FULL);
        NAME(CV_ERR_STATE);
#undef NAME
    }
    return "CV_ERR_UNKNOWN";
}
