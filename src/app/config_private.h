/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the parts of the configuration share: the rules, one for each key, and the place of a key
 * in the text. libcyaml's schema is built from the rules, so that there is one list of keys.
 */
#ifndef CV_APP_CONFIG_PRIVATE_H
#define CV_APP_CONFIG_PRIVATE_H

#include "app/config.h"

#include <cyaml/cyaml.h>

enum cv_config_kind {
    CV_CONFIG_NUMBER, /* int64_t */
    CV_CONFIG_CHOICE, /* int64_t, the value of one of the words */
    CV_CONFIG_TEXT,   /* char * */
    CV_CONFIG_LIST,   /* struct cv_config_list of texts */
};

enum { CV_CONFIG_TEXT_BYTES = 1024, CV_CONFIG_LIST_ITEMS = 32, CV_CONFIG_WORDS = 4 };

struct cv_config_rule {
    const char *section; /* "" for a key at the top; the rules of a section stand together */
    const char *key;
    enum cv_config_kind kind;
    size_t offset;        /* of the value in struct cv_config */
    const char *fallback; /* the default as it would be written; a list: items between spaces */
    int64_t min;          /* of a number */
    int64_t max;
    cyaml_strval_t words[CV_CONFIG_WORDS]; /* of a choice; the last may be empty */
    const char *expects;                   /* what `check` wants: "an IP address" */
    bool (*check)(const char *text);       /* of a text that isn't empty, of each item; or NULL */
    const char *meaning;
};

extern const struct cv_config_rule cv_config_rules[];
extern const size_t cv_config_rule_count;

enum { CV_CONFIG_PATH_BYTES = 160 };

/* Where something stands in a text; both count from 1, and 0 means nowhere. */
struct cv_config_place {
    size_t line;
    size_t column;
};

/*
 * Reads the text as YAML without looking at what it means. CV_ERR_SYNTAX with the place and a
 * static or parser-owned explanation copied into `problem` when it is no single YAML document, is
 * nested too deep, or has control characters in a value.
 */
enum cv_err cv_config_scan(struct cv_slice text, struct cv_config_place *ret_place,
                           char problem[static CV_CONFIG_ERROR_BYTES]);

/*
 * The place of the value at `path` ("listen.port", "ice.turn_urls[2]" counted from 1), or with
 * `want_key` of its key; the last one if there are several. {0, 0} when there is none. The text
 * has passed cv_config_scan.
 */
struct cv_config_place cv_config_locate(struct cv_slice text, const char *path, bool want_key);

/* The rule of "listen.port" or of an item "ice.turn_urls[2]"; NULL when there is none. */
const struct cv_config_rule *cv_config_find_rule(const char *path);

/* "a whole number from 1 to 65535", "one of a, b, c"... */
void cv_config_expectation(const struct cv_config_rule *rule,
                           char text[static CV_CONFIG_ERROR_BYTES]);

#endif
