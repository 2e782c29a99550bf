/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libcyaml's schema, built from the rules. It loads a file into slots, one for each rule: a key
 * that the file doesn't name leaves its slot empty, so a default is never mistaken for a value.
 */
#ifndef CV_APP_CONFIG_SCHEMA_H
#define CV_APP_CONFIG_SCHEMA_H

#include "app/config_private.h"

enum { CV_CONFIG_MAX_RULES = 64, CV_CONFIG_MAX_SECTIONS = 16 };

/* What libcyaml loads of one rule: an int64_t, a text, or an array of texts. NULL: not named. */
struct cv_config_slot {
    void *value;
    uint64_t count; /* of a list */
};

struct cv_config_schema {
    cyaml_schema_value_t top;
    cyaml_schema_value_t item;
    cyaml_schema_field_t top_fields[CV_CONFIG_MAX_RULES + CV_CONFIG_MAX_SECTIONS];
    cyaml_schema_field_t fields[CV_CONFIG_MAX_RULES + CV_CONFIG_MAX_SECTIONS];
};

/* The schema points into itself: it is not to be copied. */
void cv_config_schema_init(struct cv_config_schema *schema);

#endif
