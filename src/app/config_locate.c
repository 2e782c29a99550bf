/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds places in the YAML text with libyaml's events: libcyaml says what is wrong, but not where
 * a value stands once it has been loaded, and of an unknown key only what stood before it.
 */
#include "app/config_private.h"

#include <stdio.h>
#include <yaml.h>

enum { MAX_DEPTH = 8 };

/* One open collection: its path ends at `path_size`, and a sequence counts its items. */
struct level {
    bool sequence;
    bool expects_key;
    unsigned items;
    size_t path_size;
};

struct walk {
    struct level levels[MAX_DEPTH];
    size_t depth;
    char path[CV_CONFIG_PATH_BYTES];
    struct cv_config_place key;   /* of the key that was read last */
    struct cv_config_place value; /* of the value that an event begins */
    bool value_begins;            /* the event began a value, and `path` is its path */
};

static struct cv_config_place place_of(yaml_mark_t mark) {
    return (struct cv_config_place){mark.line + 1, mark.column + 1};
}

/* Extends the path of the open collection by a key or by the number of an item. */
static void set_path(struct walk *walk, const char *key) {
    struct level *level = &walk->levels[walk->depth - 1];
    size_t at = level->path_size;
    if (level->sequence) {
        snprintf(walk->path + at, sizeof walk->path - at, "[%u]", ++level->items);
    } else {
        snprintf(walk->path + at, sizeof walk->path - at, "%s%s", at ? "." : "", key);
    }
}

static void begin_value(struct walk *walk, yaml_mark_t mark) {
    if (walk->depth > 0) {
        struct level *level = &walk->levels[walk->depth - 1];
        if (level->sequence) {
            set_path(walk, NULL);
        }
        level->expects_key = !level->sequence;
    }
    walk->value = place_of(mark);
    walk->value_begins = true;
}

/* Follows one event; false when the document is nested too deep. */
static bool follow(struct walk *walk, const yaml_event_t *event) {
    walk->value_begins = false;
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        if (walk->depth > 0 && walk->levels[walk->depth - 1].expects_key) {
            walk->levels[walk->depth - 1].expects_key = false;
            set_path(walk, (const char *)event->data.scalar.value);
            walk->key = place_of(event->start_mark);
        } else {
            begin_value(walk, event->start_mark);
        }
        return true;
    case YAML_MAPPING_START_EVENT:
    case YAML_SEQUENCE_START_EVENT:
        if (walk->depth == MAX_DEPTH) {
            return false;
        }
        begin_value(walk, event->start_mark);
        walk->levels[walk->depth++] = (struct level){
            .sequence = event->type == YAML_SEQUENCE_START_EVENT,
            .expects_key = event->type == YAML_MAPPING_START_EVENT,
            .path_size = strlen(walk->path),
        };
        return true;
    case YAML_MAPPING_END_EVENT:
    case YAML_SEQUENCE_END_EVENT:
        walk->depth--;
        return true;
    default:
        return true;
    }
}

static bool has_control(const yaml_event_t *event) {
    for (size_t i = 0; event->type == YAML_SCALAR_EVENT && i < event->data.scalar.length; i++) {
        if (event->data.scalar.value[i] < 0x20 || event->data.scalar.value[i] == 0x7f) {
            return true;
        }
    }
    return false;
}

static const char *fault_of(const yaml_event_t *event, bool followed, unsigned documents) {
    if (!followed) {
        return "nested too deep";
    }
    if (has_control(event)) {
        return "control character in a value";
    }
    if (event->type == YAML_ALIAS_EVENT) {
        return "aliases are not allowed here";
    }
    return documents > 1 ? "a second document; one file holds one" : NULL;
}

enum cv_err cv_config_scan(struct cv_slice text, struct cv_config_place *ret_place,
                           char problem[static CV_CONFIG_ERROR_BYTES]) {
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser)) {
        return CV_ERR_MEMORY;
    }
    yaml_parser_set_input_string(&parser, text.data, text.size);
    struct walk walk = {0};
    unsigned documents = 0;
    enum cv_err err = CV_OK;
    for (bool end = false; !end && !err;) {
        yaml_event_t event;
        if (!yaml_parser_parse(&parser, &event)) {
            *ret_place = place_of(parser.problem_mark);
            snprintf(problem, CV_CONFIG_ERROR_BYTES, "not YAML: %s",
                     parser.problem ? parser.problem : "unreadable");
            err = CV_ERR_SYNTAX;
            break;
        }
        documents += event.type == YAML_DOCUMENT_START_EVENT;
        const char *fault = fault_of(&event, follow(&walk, &event), documents);
        if (fault) {
            *ret_place = place_of(event.start_mark);
            snprintf(problem, CV_CONFIG_ERROR_BYTES, "%s", fault);
            err = CV_ERR_SYNTAX;
        }
        end = event.type == YAML_STREAM_END_EVENT;
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
    return err;
}

struct cv_config_place cv_config_locate(struct cv_slice text, const char *path, bool want_key) {
    struct cv_config_place found = {0, 0};
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser)) {
        return found;
    }
    yaml_parser_set_input_string(&parser, text.data, text.size);
    struct walk walk = {0};
    for (bool end = false; !end;) {
        yaml_event_t event;
        if (!yaml_parser_parse(&parser, &event)) {
            break;
        }
        if (follow(&walk, &event) && walk.value_begins && !strcmp(walk.path, path)) {
            found = want_key ? walk.key : walk.value;
        }
        end = event.type == YAML_STREAM_END_EVENT;
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
    return found;
}
