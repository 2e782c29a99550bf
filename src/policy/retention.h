/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long what is stored may be kept, by class of data. The classes are the rows of the table in
 * docs/privacy.md; a class with retention 0 is not stored at all.
 */
#ifndef CV_POLICY_RETENTION_H
#define CV_POLICY_RETENTION_H

#include "base/time.h"

enum cv_data_class {
    CV_DATA_CALL_RECORD, /* who, when, from where, connection states and statistics */
    CV_DATA_CHAT,
    CV_DATA_FILE,
    CV_DATA_WHITEBOARD,
    CV_DATA_RECORDING,
    CV_DATA_ATTENTION, /* window shown or hidden */
    CV_DATA_ACCOUNT,   /* accounts, contacts, bookings: until deleted */
    CV_DATA_CLASS_COUNT
};

/* keep_us[class]: 0: not stored; CV_TIME_NEVER: until it is deleted by a person. */
struct cv_policy_retention {
    int64_t keep_us[CV_DATA_CLASS_COUNT];
};

/* Call data records for 7 days, accounts until deleted, nothing else. */
extern const struct cv_policy_retention CV_POLICY_RETENTION_DEFAULT;

/* "call_record" and so on: the class in the store's schema and in the configuration. */
const char *cv_data_class_name(enum cv_data_class data_class);
/* CV_ERR_TYPE when there is no such class. */
enum cv_err cv_data_class_parse(struct cv_slice name, enum cv_data_class *ret_class);

/* CV_ERR_RANGE when a class is to be kept for a negative time, or longer than it may be. */
enum cv_err cv_policy_retention_check(const struct cv_policy_retention *retention);

/*
 * When something of this class that came to be at `at_us` (wall clock) has to be gone: `at_us`
 * itself when the class is not stored, CV_TIME_NEVER when it stays until deleted.
 */
int64_t cv_policy_delete_at(const struct cv_policy_retention *retention,
                            enum cv_data_class data_class, int64_t at_us);

#endif
