/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The three lines that ./run ends with, on standard output:
 *
 *     Ready at URL
 *     Administrator set-up: URL     until there is an administrator
 *     Instant meeting: URL          where anyone may open one
 */
#include "app/control_private.h"

#include <stdio.h>

static void say(const struct control *control, const char *what, const char *path,
                const struct cv_token *token) {
    printf("%s %s%s%s%s\n", what, control->api_settings.origin, path, token ? "#" : "",
           token ? token->text : "");
    fflush(stdout);
}

static void on_instant(void *context, enum cv_err err, const struct cv_api_instant_made *made) {
    const struct control *control = context;
    if (!err) {
        say(control, "Instant meeting:", "/j", &made->guest);
    }
}

static void announce_instant(struct control *control) {
    static const struct cv_id nobody;
    if (control->api_settings.instant == CV_API_INSTANT_ANYONE) {
        (void)cv_api_make_instant(control->api, &nobody, on_instant, control);
    }
}

static void on_setup(void *context, enum cv_err err, const struct cv_token *token) {
    struct control *control = context;
    if (!err) {
        say(control, "Administrator set-up:", "/setup", token);
    }
    announce_instant(control);
}

void control_announce(struct control *control) {
    say(control, "Ready at", "/", NULL);
    if (cv_api_make_setup(control->api, on_setup, control)) {
        announce_instant(control);
    }
}
