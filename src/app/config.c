/* SPDX-License-Identifier: Apache-2.0 */
#include "app/config_schema.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct loading {
    struct cv_slice text;
    const char *file_name;
    char *error;
    /* What libcyaml's log said: the problem, and the path of the place from the inside out. */
    char problem[CV_CONFIG_ERROR_BYTES];
    char path[CV_CONFIG_PATH_BYTES];
};

static enum cv_err fail_at(struct loading *loading, struct cv_config_place place,
                           const char *message) {
    if (place.line) {
        snprintf(loading->error, CV_CONFIG_ERROR_BYTES, "%s:%zu:%zu: %s", loading->file_name,
                 place.line, place.column, message);
    } else {
        snprintf(loading->error, CV_CONFIG_ERROR_BYTES, "%s: %s", loading->file_name, message);
    }
    return CV_ERR_CONFIG;
}

static enum cv_err fail_value(struct loading *loading, const char *path) {
    char message[CV_CONFIG_ERROR_BYTES + CV_CONFIG_PATH_BYTES];
    char expects[CV_CONFIG_ERROR_BYTES];
    const struct cv_config_rule *rule = cv_config_find_rule(path);
    if (rule && strchr(path, '[')) {
        snprintf(expects, sizeof expects, "%s", rule->expects ? rule->expects : "a text");
    } else if (rule) {
        cv_config_expectation(rule, expects);
    } else {
        snprintf(expects, sizeof expects, "a mapping: its keys on the lines below, indented");
    }
    snprintf(message, sizeof message, "'%s' must be %s", *path ? path : "the file", expects);
    return fail_at(loading, cv_config_locate(loading->text, path, false), message);
}

/* libcyaml's lines: "Load: WHAT", then from the inside out "in mapping field 'KEY' (...)". */
__attribute__((format(printf, 3, 0))) static void take_log(cyaml_log_t level, void *context,
                                                           const char *format, va_list args) {
    struct loading *loading = context;
    char line[CV_CONFIG_ERROR_BYTES];
    (void)level;
    vsnprintf(line, sizeof line, format, args);
    line[strcspn(line, "\n")] = 0;
    char outer[CV_CONFIG_PATH_BYTES] = "";
    const char *field = strstr(line, "in mapping field '");
    const char *entry = strstr(line, "in sequence entry '");
    if (field) {
        field += strlen("in mapping field '");
        snprintf(outer, sizeof outer, "%.*s%s", (int)strcspn(field, "'"), field,
                 *loading->path && *loading->path != '[' ? "." : "");
    } else if (entry) {
        entry += strlen("in sequence entry '");
        snprintf(outer, sizeof outer, "[%.*s]", (int)strcspn(entry, "'"), entry);
    } else if (!*loading->problem) {
        snprintf(loading->problem, sizeof loading->problem, "%s", line);
    }
    char joined[2 * CV_CONFIG_PATH_BYTES];
    snprintf(joined, sizeof joined, "%s%s", outer, loading->path);
    snprintf(loading->path, sizeof loading->path, "%.*s", (int)sizeof loading->path - 1, joined);
}

/* Turns libcyaml's refusal into one line. */
static enum cv_err explain(struct loading *loading) {
    static const char unknown[] = "Unexpected key: ";
    static const char twice[] = "Mapping field already seen: ";
    const char *key = strstr(loading->problem, unknown);
    char path[CV_CONFIG_PATH_BYTES + CV_CONFIG_ERROR_BYTES];
    char message[sizeof path + 64];
    if (key) {
        snprintf(path, sizeof path, "%s%s%s", loading->path, *loading->path ? "." : "",
                 key + strlen(unknown));
        snprintf(message, sizeof message, "unknown key '%s'", path);
        return fail_at(loading, cv_config_locate(loading->text, path, true), message);
    }
    if (strstr(loading->problem, twice)) {
        snprintf(message, sizeof message, "'%s' is there twice", loading->path);
        return fail_at(loading, cv_config_locate(loading->text, loading->path, true), message);
    }
    return fail_value(loading, loading->path);
}

static bool parse_number(const char *text, int64_t *ret_number) {
    char *end;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    *ret_number = value;
    return !errno && end != text && !*end;
}

static int64_t fallback_number(const struct cv_config_rule *rule) {
    int64_t number = 0;
    for (size_t i = 0; i < CV_CONFIG_WORDS && rule->words[i].str; i++) {
        if (!strcmp(rule->words[i].str, rule->fallback)) {
            return rule->words[i].val;
        }
    }
    parse_number(rule->fallback, &number);
    return number;
}

/* Items of a list's default: words between spaces. */
static enum cv_err split_list(const char *words, struct cv_config_list *list) {
    while (*words) {
        size_t size = strcspn(words, " ");
        char **items = realloc(list->items, (list->count + 1) * sizeof *items);
        if (!items) {
            return CV_ERR_MEMORY;
        }
        list->items = items;
        items[list->count] = strndup(words, size);
        if (!items[list->count]) {
            return CV_ERR_MEMORY;
        }
        list->count++;
        words += size + (words[size] == ' ');
    }
    return CV_OK;
}

static enum cv_err take_list(struct loading *loading, const char *path,
                             const struct cv_config_rule *rule, struct cv_config_slot *slot,
                             struct cv_config_list *list) {
    if (!slot->value) { /* not there, or there and empty: "[]" is a value */
        bool given = cv_config_locate(loading->text, path, false).line;
        return given ? CV_OK : split_list(rule->fallback, list);
    }
    char **items = slot->value;
    for (unsigned i = 0; i < slot->count; i++) {
        if (rule->check && !rule->check(items[i])) {
            char item[CV_CONFIG_PATH_BYTES + 16];
            snprintf(item, sizeof item, "%s[%u]", path, i + 1);
            return fail_value(loading, item);
        }
    }
    *list = (struct cv_config_list){items, (unsigned)slot->count};
    *slot = (struct cv_config_slot){0};
    return CV_OK;
}

/* Moves one slot into the configuration, or the default where the slot is empty. */
static enum cv_err take_slot(struct loading *loading, const struct cv_config_rule *rule,
                             struct cv_config_slot *slot, struct cv_config *config) {
    char path[CV_CONFIG_PATH_BYTES];
    void *target = (char *)config + rule->offset;
    snprintf(path, sizeof path, "%s%s%s", rule->section, *rule->section ? "." : "", rule->key);
    switch (rule->kind) {
    case CV_CONFIG_NUMBER:
    case CV_CONFIG_CHOICE: {
        int64_t number = slot->value ? *(int64_t *)slot->value : fallback_number(rule);
        if (rule->kind == CV_CONFIG_NUMBER && (number < rule->min || number > rule->max)) {
            return fail_value(loading, path);
        }
        *(int64_t *)target = number;
        return CV_OK;
    }
    case CV_CONFIG_TEXT: {
        char *text = slot->value ? slot->value : strdup(rule->fallback);
        slot->value = NULL;
        *(char **)target = text;
        if (!text) {
            return CV_ERR_MEMORY;
        }
        return *text && rule->check && !rule->check(text) ? fail_value(loading, path) : CV_OK;
    }
    case CV_CONFIG_LIST:
        return take_list(loading, path, rule, slot, target);
    }
    return CV_ERR_INTERNAL;
}

static int64_t media_ports_end(const struct cv_config *config) {
    int64_t workers = config->relay.workers ? config->relay.workers : 1;
    return cv_config_media_port(config) + workers - 1;
}

/* What no key alone can tell. */
static enum cv_err check_together(struct loading *loading, const struct cv_config *config) {
    static const struct cv_config_place nowhere = {0, 0};
    const char *path = NULL;
    const char *message = NULL;
    /* Every text was taken from its rule or its rule's default. */
    assert(config->data && config->public_url && config->listen.http && config->tls.certificate &&
           config->tls.key && config->ice.turn_secret_file);
    if (!*config->data) {
        path = "data";
        message = "'data' must name a folder";
    } else if (*config->listen.http && !*config->public_url) {
        path = "listen.http";
        message = "'listen.http' needs 'public_url': behind a proxy the server can't know its "
                  "own address";
    } else if (!config->listen.addresses.count && !*config->listen.http) {
        path = "listen.addresses";
        message = "'listen.addresses' is empty and there is no 'listen.http': nobody could connect";
    } else if (!*config->tls.certificate != !*config->tls.key) {
        path = *config->tls.key ? "tls.key" : "tls.certificate";
        message = "'tls.certificate' and 'tls.key' belong together";
    } else if (config->ice.turn_urls.count && !*config->ice.turn_secret_file) {
        path = "ice.turn_urls";
        message = "'ice.turn_urls' needs 'ice.turn_secret_file'";
    } else if (config->ice.policy == CV_ICE_RELAY && !config->ice.turn_urls.count) {
        path = "ice.policy";
        message = "'relay' needs 'ice.turn_urls': without TURN no call would connect";
    } else if (config->relay.enabled && media_ports_end(config) > UINT16_MAX) {
        path = "relay.port";
        message = "'relay.port' leaves no room for the ports of all workers below 65536";
    }
    if (!message) {
        return CV_OK;
    }
    struct cv_config_place place = cv_config_locate(loading->text, path, false);
    return fail_at(loading, place.line ? place : nowhere, message);
}

static enum cv_err take_slots(struct loading *loading, struct cv_config_slot *slots,
                              struct cv_config *config) {
    enum cv_err err = CV_OK;
    for (size_t i = 0; i < cv_config_rule_count && !err; i++) {
        struct cv_config_slot empty = {0};
        err = take_slot(loading, &cv_config_rules[i], slots ? &slots[i] : &empty, config);
    }
    return err ? err : check_together(loading, config);
}

enum cv_err cv_config_load(struct cv_slice text, const char *file_name, struct cv_config *config,
                           char error[static CV_CONFIG_ERROR_BYTES]) {
    if (!text.data) { /* the libraries want a text, be it empty */
        text = cv_slice_str("");
    }
    struct loading loading = {.text = text, .file_name = file_name, .error = error};
    struct cv_config_place place = {0, 0};
    snprintf(error, CV_CONFIG_ERROR_BYTES, "%s: out of memory", file_name);
    enum cv_err err = cv_config_scan(text, &place, loading.problem);
    if (err == CV_ERR_SYNTAX) {
        char problem[CV_CONFIG_ERROR_BYTES];
        memcpy(problem, loading.problem, sizeof problem);
        return fail_at(&loading, place, problem);
    }
    if (err) {
        return err;
    }
    struct cv_config_schema schema;
    cv_config_schema_init(&schema);
    const cyaml_config_t cyaml = {
        .log_fn = take_log,
        .log_ctx = &loading,
        .mem_fn = cyaml_mem,
        .log_level = CYAML_LOG_ERROR,
        .flags = CYAML_CFG_NO_ALIAS,
    };
    struct cv_config_slot *slots = NULL;
    struct cv_config loaded = {0};
    cyaml_err_t refused =
        cyaml_load_data(text.data, text.size, &cyaml, &schema.top, (cyaml_data_t **)&slots, NULL);
    if (refused) {
        return refused == CYAML_ERR_OOM ? CV_ERR_MEMORY : explain(&loading);
    }
    err = take_slots(&loading, slots, &loaded);
    cyaml_free(&cyaml, &schema.top, slots, 0);
    if (err) {
        cv_config_release(&loaded);
        return err;
    }
    *config = loaded;
    return CV_OK;
}

enum cv_err cv_config_read(int base_fd, const char *path, struct cv_buf *text,
                           char error[static CV_CONFIG_ERROR_BYTES]) {
    uint8_t chunk[4096];
    size_t start = text->size;
    ssize_t n = -1;
    enum cv_err err = CV_OK;
    int fd = openat(base_fd, path, O_RDONLY | O_CLOEXEC);
    while (fd >= 0 && !err && (n = read(fd, chunk, sizeof chunk)) > 0) {
        err = text->size - start + (size_t)n > CV_CONFIG_FILE_BYTES
                  ? CV_ERR_LIMIT
                  : cv_buf_append(text, chunk, (size_t)n);
    }
    if (err == CV_ERR_LIMIT) {
        snprintf(error, CV_CONFIG_ERROR_BYTES, "%s: longer than %d bytes", path,
                 CV_CONFIG_FILE_BYTES);
        err = CV_ERR_CONFIG;
    } else if (!err && n < 0) {
        snprintf(error, CV_CONFIG_ERROR_BYTES, "%s: %s", path, strerror(errno));
        err = CV_ERR_CONFIG;
    }
    if (fd >= 0) {
        close(fd);
    }
    return err;
}

void cv_config_release(struct cv_config *config) {
    for (size_t i = 0; i < cv_config_rule_count; i++) {
        void *target = (char *)config + cv_config_rules[i].offset;
        if (cv_config_rules[i].kind == CV_CONFIG_TEXT) {
            free(*(char **)target);
        } else if (cv_config_rules[i].kind == CV_CONFIG_LIST) {
            struct cv_config_list *list = target;
            for (unsigned j = 0; j < list->count; j++) {
                free(list->items[j]);
            }
            free(list->items);
        }
    }
    *config = (struct cv_config){0};
}

enum cv_err cv_config_origin(const struct cv_config *config, struct cv_buf *origin) {
    if (*config->public_url) {
        return cv_buf_append_str(origin, config->public_url);
    }
    return cv_buf_printf(origin, "https://localhost:%" PRId64, config->listen.port);
}

int64_t cv_config_media_port(const struct cv_config *config) {
    enum { UNPRIVILEGED = 1024, USUAL = 8443 };
    int64_t port = config->listen.port;
    if (config->relay.port || !port) {
        return config->relay.port;
    }
    return (port < UNPRIVILEGED ? USUAL : port) + 1;
}
