/* SPDX-License-Identifier: Apache-2.0 */
/* Files that may be exchanged while the daemon runs: the web client, and whose an address is. */
#include "app/control_private.h"

#include <stdio.h>

static enum cv_err open_geo(const struct control_handover *handover, struct cv_geo *ret_geo,
                            char *error) {
    char countries[64];
    char networks[64];
    const int *resources = handover->resources;
    control_resource_path(handover, CV_RESOURCE_COUNTRIES, countries, sizeof countries);
    control_resource_path(handover, CV_RESOURCE_NETWORKS, networks, sizeof networks);
    return cv_geo_open(ret_geo, resources[CV_RESOURCE_COUNTRIES] < 0 ? NULL : countries,
                       resources[CV_RESOURCE_NETWORKS] < 0 ? NULL : networks, error,
                       CONTROL_ERROR_BYTES);
}

/* *ret_web is NULL where none is configured. */
static enum cv_err open_web(const struct control_handover *handover, struct cv_static **ret_web,
                            char *error) {
    char path[64];
    *ret_web = NULL;
    if (handover->resources[CV_RESOURCE_WEB_ROOT] < 0) {
        CV_LOG(CV_LOG_WARNING, "there is no web client: only the interfaces are served");
        return CV_OK;
    }
    control_resource_path(handover, CV_RESOURCE_WEB_ROOT, path, sizeof path);
    enum cv_err err = cv_static_new(path, ret_web);
    if (err) {
        snprintf(error, CONTROL_ERROR_BYTES, "the web client can't be read: %s", cv_err_name(err));
        return err;
    }
    CV_LOG(CV_LOG_INFO, "web client read", CV_LOG_NUMBER("files", cv_static_count(*ret_web)));
    return CV_OK;
}

enum cv_err control_files_open(struct control *control, char error[static CONTROL_ERROR_BYTES]) {
    enum cv_err err = open_geo(&control->handover, &control->geo, error);
    return err ? err : open_web(&control->handover, &control->web, error);
}

void control_files_reload(struct control *control) {
    char error[CONTROL_ERROR_BYTES];
    struct cv_geo geo;
    struct cv_static *web;
    if (open_geo(&control->handover, &geo, error)) {
        CV_LOG(CV_LOG_ERROR, "the address databases stay as they were",
               CV_LOG_TEXT("reason", error));
    } else {
        cv_geo_close(&control->geo);
        control->geo = geo;
    }
    if (open_web(&control->handover, &web, error)) {
        CV_LOG(CV_LOG_ERROR, "the web client stays as it was", CV_LOG_TEXT("reason", error));
    } else { /* answers that are under way have files of their own */
        cv_static_free(control->web);
        control->web = web;
    }
}
