/* SPDX-License-Identifier: Apache-2.0 */
/* From the configuration to what the parts of control work with. */
#include "app/control_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static enum cv_err parse_ranges(const struct cv_config_list *list, struct cv_cidr **ret_ranges,
                                size_t *ret_count) {
    if (!list->count) {
        return CV_OK;
    }
    struct cv_cidr *ranges = calloc(list->count, sizeof *ranges);
    if (!ranges) {
        return CV_ERR_MEMORY;
    }
    *ret_ranges = ranges;
    *ret_count = list->count;
    for (unsigned i = 0; i < list->count; i++) {
        enum cv_err err = cv_cidr_parse(cv_slice_str(list->items[i]), &ranges[i]);
        if (err) {
            return err;
        }
    }
    return CV_OK;
}

static enum cv_err load_turn(const struct control_handover *handover,
                             struct control_settings *settings) {
    const struct cv_config_list *urls = &settings->config.ice.turn_urls;
    settings->turn_urls = calloc(urls->count + 1, sizeof *settings->turn_urls);
    if (!settings->turn_urls) {
        return CV_ERR_MEMORY;
    }
    for (unsigned i = 0; i < urls->count; i++) {
        settings->turn_urls[i] = urls->items[i];
    }
    struct cv_buf *secret = &settings->turn_secret;
    enum cv_err err = control_resource_read(handover, CV_RESOURCE_TURN_SECRET, secret);
    while (!err && secret->size && strchr("\r\n", secret->data[secret->size - 1])) {
        secret->size--; /* an editor's newline is no part of it */
    }
    return err;
}

enum cv_err control_settings_load(const struct control_handover *handover,
                                  struct control_settings *ret_settings,
                                  char error[static CONTROL_ERROR_BYTES]) {
    struct control_settings settings = {0};
    struct cv_buf text = {0};
    enum cv_err err = control_resource_read(handover, CV_RESOURCE_CONFIG, &text);
    snprintf(error, CONTROL_ERROR_BYTES, "the configuration can't be taken over");
    if (!err) {
        err = cv_config_load(cv_buf_slice(&text), "conclave.yaml", &settings.config, error);
    }
    cv_buf_release(&text);
    if (!err) { /* the command line may have changed it, and 0 has become a real one */
        settings.config.listen.port = handover->start.https_port;
        err = cv_config_origin(&settings.config, &settings.origin);
    }
    if (!err) {
        err = parse_ranges(&settings.config.listen.trusted_proxies, &settings.trusted_proxies,
                           &settings.trusted_proxy_count);
    }
    if (!err) {
        err = parse_ranges(&settings.config.metrics.allow, &settings.metrics_allow,
                           &settings.metrics_allow_count);
    }
    if (!err) {
        err = load_turn(handover, &settings);
    }
    if (!err && settings.config.ice.turn_urls.count && !settings.turn_secret.size) {
        snprintf(error, CONTROL_ERROR_BYTES, "ice.turn_secret_file: the file is empty");
        err = CV_ERR_CONFIG;
    }
    if (err || !cv_buf_cstr(&settings.origin)) {
        control_settings_release(&settings);
        return err ? err : CV_ERR_MEMORY;
    }
    *ret_settings = settings;
    return CV_OK;
}

void control_settings_release(struct control_settings *settings) {
    if (settings->turn_secret.data) {
        cv_wipe(settings->turn_secret.data, settings->turn_secret.size);
    }
    cv_buf_release(&settings->turn_secret);
    cv_buf_release(&settings->origin);
    free(settings->turn_urls);
    free(settings->trusted_proxies);
    free(settings->metrics_allow);
    cv_config_release(&settings->config);
    *settings = (struct control_settings){0};
}

void control_settings_apply(struct control *control) {
    const struct control_settings *settings = &control->settings;
    const struct cv_config *config = &settings->config;
    _Static_assert((int)CV_API_INSTANT_ANYONE == (int)CV_INSTANT_ANYONE &&
                       (int)CV_API_INSTANT_OFF == (int)CV_INSTANT_OFF,
                   "the same words in the same order");
    control->api_settings = (struct cv_api_settings){
        .name = config->name,
        .origin = (const char *)settings->origin.data,
        .origin_is_fixed = *config->public_url,
        .instant = (enum cv_api_instant)config->meetings.instant,
        .windows = {.opens_before_us = config->meetings.opens_before_minutes * CV_US_PER_MIN,
                    .expires_after_us = config->meetings.closes_after_minutes * CV_US_PER_MIN,
                    .instant_lifetime_us = config->meetings.instant_hours * CV_US_PER_HOUR},
        .places = config->relay.enabled ? (uint32_t)config->meetings.capacity : 0,
        .session_us = config->accounts.session_days * CV_US_PER_DAY,
        .record_keep_us = config->records.keep_days * CV_US_PER_DAY,
    };
    control->ice_settings = (struct cv_ice_settings){
        .stun_port = (uint16_t)control->handover.start.stun_port,
        .relay_only = config->ice.policy == CV_ICE_RELAY,
        .turn_urls = settings->turn_urls,
        .turn_secret = cv_buf_slice(&settings->turn_secret),
        .credential_us = config->ice.turn_credential_minutes * CV_US_PER_MIN,
    };
    control_relay_apply(control);
    control->retention_settings = (struct cv_retention_settings){
        .record_keep_us = control->api_settings.record_keep_us,
        .disk_floor_bytes = (uint64_t)config->records.disk_floor_mib * 1024 * 1024,
    };
}
