/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/retention.h"

#include "base/names.h"

static const char *const class_names[CV_DATA_CLASS_COUNT] = {
    [CV_DATA_CALL_RECORD] = "call_record",
    [CV_DATA_CHAT] = "chat",
    [CV_DATA_FILE] = "file",
    [CV_DATA_WHITEBOARD] = "whiteboard",
    [CV_DATA_RECORDING] = "recording",
    [CV_DATA_ATTENTION] = "attention",
    [CV_DATA_ACCOUNT] = "account",
};

const struct cv_policy_retention CV_POLICY_RETENTION_DEFAULT = {
    .keep_us = {[CV_DATA_CALL_RECORD] = 7 * CV_US_PER_DAY, [CV_DATA_ACCOUNT] = CV_TIME_NEVER}};

/* The longest that any policy may keep a class; what isn't here may be kept until deleted. */
static const int64_t longest_us[CV_DATA_CLASS_COUNT] = {
    [CV_DATA_RECORDING] = 30 * CV_US_PER_DAY,
};

const char *cv_data_class_name(enum cv_data_class data_class) {
    return class_names[data_class];
}

enum cv_err cv_data_class_parse(struct cv_slice name, enum cv_data_class *ret_class) {
    int found = cv_names_find(class_names, CV_DATA_CLASS_COUNT, name);
    if (found < 0)
        return CV_ERR_TYPE;
    *ret_class = (enum cv_data_class)found;
    return CV_OK;
}

enum cv_err cv_policy_retention_check(const struct cv_policy_retention *retention) {
    for (int i = 0; i < CV_DATA_CLASS_COUNT; i++) {
        int64_t keep_us = retention->keep_us[i];
        if (keep_us < 0 || (longest_us[i] && keep_us > longest_us[i]))
            return CV_ERR_RANGE;
    }
    return CV_OK;
}

int64_t cv_policy_delete_at(const struct cv_policy_retention *retention,
                            enum cv_data_class data_class, int64_t at_us) {
    int64_t keep_us = retention->keep_us[data_class];
    return keep_us >= CV_TIME_NEVER - at_us ? CV_TIME_NEVER : at_us + keep_us;
}
