/* SPDX-License-Identifier: Apache-2.0 */
#include "app/config_schema.h"

#include <assert.h>

static cyaml_schema_field_t field_of(const struct cv_config_schema *schema,
                                     const struct cv_config_rule *rule, size_t slot) {
    cyaml_schema_field_t field = {
        .key = rule->key,
        .data_offset = (uint32_t)(slot * sizeof(struct cv_config_slot)),
        .value.flags = CYAML_FLAG_OPTIONAL | CYAML_FLAG_POINTER,
    };
    switch (rule->kind) {
    case CV_CONFIG_NUMBER:
        field.value.type = CYAML_INT;
        field.value.data_size = sizeof(int64_t);
        break;
    case CV_CONFIG_CHOICE:
        field.value.type = CYAML_ENUM;
        field.value.flags |= CYAML_FLAG_STRICT;
        field.value.data_size = sizeof(int64_t);
        field.value.enumeration.strings = rule->words;
        while (field.value.enumeration.count < CV_CONFIG_WORDS &&
               rule->words[field.value.enumeration.count].str) {
            field.value.enumeration.count++;
        }
        break;
    case CV_CONFIG_TEXT:
        field.value.type = CYAML_STRING;
        field.value.data_size = sizeof(char);
        field.value.string.max = CV_CONFIG_TEXT_BYTES;
        break;
    case CV_CONFIG_LIST:
        field.value.type = CYAML_SEQUENCE;
        field.value.data_size = sizeof(char *);
        field.value.sequence.entry = &schema->item;
        field.value.sequence.max = CV_CONFIG_LIST_ITEMS;
        field.count_offset = field.data_offset + (uint32_t)offsetof(struct cv_config_slot, count);
        field.count_size = sizeof(uint64_t);
        break;
    }
    return field;
}

void cv_config_schema_init(struct cv_config_schema *schema) {
    assert(cv_config_rule_count <= CV_CONFIG_MAX_RULES);
    *schema = (struct cv_config_schema){
        .top = {.type = CYAML_MAPPING,
                .flags = CYAML_FLAG_POINTER,
                .data_size = (uint32_t)(cv_config_rule_count * sizeof(struct cv_config_slot)),
                .mapping.fields = schema->top_fields},
        .item = {.type = CYAML_STRING,
                 .flags = CYAML_FLAG_POINTER,
                 .data_size = sizeof(char),
                 .string = {.min = 1, .max = CV_CONFIG_TEXT_BYTES}},
    };
    cyaml_schema_field_t *top = schema->top_fields;
    cyaml_schema_field_t *next = schema->fields;
    for (size_t i = 0; i < cv_config_rule_count;) {
        const char *section = cv_config_rules[i].section;
        size_t first = i;
        cyaml_schema_field_t *fields = *section ? next : top;
        for (; i < cv_config_rule_count && !strcmp(cv_config_rules[i].section, section); i++) {
            *fields++ = field_of(schema, &cv_config_rules[i], *section ? i - first : i);
        }
        if (!*section) {
            top = fields;
            continue;
        }
        *top++ = (cyaml_schema_field_t){
            .key = section,
            .data_offset = (uint32_t)(first * sizeof(struct cv_config_slot)),
            .value = {.type = CYAML_MAPPING,
                      .flags = CYAML_FLAG_OPTIONAL,
                      .data_size = (uint32_t)((i - first) * sizeof(struct cv_config_slot)),
                      .mapping.fields = next},
        };
        next = fields + 1; /* the zeroed field between ends the section */
    }
}
