/* SPDX-License-Identifier: Apache-2.0 */
/* The certificate: the configured one, or one that we sign ourselves for as long as there is none.
 */
#include "app/control_private.h"

#include "app/datadir.h"

#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define RENEW_BEFORE_US (30 * CV_US_PER_DAY)
#define RENEW_CHECK_US (24 * CV_US_PER_HOUR)

enum { NAMES_MAX = 32 };

/* The names under which people may come: the configured one, and this machine's addresses. */
struct names {
    char texts[NAMES_MAX][256];
    const char *list[NAMES_MAX];
    size_t count;
};

static void add_name(struct names *names, const char *text, size_t size) {
    if (names->count < NAMES_MAX && size > 0 && size < sizeof names->texts[0]) {
        char *name = names->texts[names->count];
        memcpy(name, text, size);
        name[size] = 0;
        names->list[names->count++] = name;
    }
}

static void add_own_addresses(struct names *names) {
    struct ifaddrs *all = NULL;
    if (getifaddrs(&all) < 0) {
        return;
    }
    for (const struct ifaddrs *it = all; it; it = it->ifa_next) {
        struct cv_addr addr = {0};
        char text[CV_ADDR_TEXT_BYTES];
        if (!it->ifa_addr || (it->ifa_flags & IFF_LOOPBACK)) {
            continue;
        }
        if (it->ifa_addr->sa_family == AF_INET) {
            const struct sockaddr_in *in = (const void *)it->ifa_addr;
            addr = cv_addr_v4((const uint8_t *)&in->sin_addr, 0);
        } else if (it->ifa_addr->sa_family == AF_INET6) {
            const struct sockaddr_in6 *in6 = (const void *)it->ifa_addr;
            addr = cv_addr_v6((const uint8_t *)&in6->sin6_addr, 0);
        }
        if (addr.family != CV_ADDR_NONE && cv_addr_scope(&addr) != CV_ADDR_LINK_LOCAL) {
            cv_addr_format_host(&addr, text);
            add_name(names, text, strlen(text));
        }
    }
    freeifaddrs(all);
}

static void find_names(const struct control *control, struct names *names) {
    *names = (struct names){.count = 0};
    if (*control->settings.config.public_url) {
        const char *host = control->settings.config.public_url + strlen("https://");
        bool v6 = *host == '[';
        add_name(names, host + v6, strcspn(host + v6, v6 ? "]" : ":"));
    }
    add_own_addresses(names);
}

static enum cv_err generate(struct control *control) {
    struct names names;
    const struct cv_tls_files files = {control->certificate, control->key};
    find_names(control, &names);
    if (mkdir(CV_DATADIR_TLS, 0700) < 0 && errno != EEXIST) {
        return CV_ERR_SYSTEM;
    }
    return cv_tls_generate(&files, names.list, names.count);
}

static bool is_own(const struct control *control) {
    return control->handover.resources[CV_RESOURCE_CERTIFICATE] < 0;
}

static void on_renew(struct cv_timer *timer) {
    struct control *control = CV_CONTAINER_OF(timer, struct control, renew);
    struct cv_tls_certificate certificate;
    cv_tls_certificate(control->tls, &certificate);
    int64_t left_us = certificate.not_after_us - cv_loop_wall_us(control->loop);
    if (is_own(control) && left_us < RENEW_BEFORE_US) {
        enum cv_err err = generate(control);
        CV_LOG(err ? CV_LOG_ERROR : CV_LOG_INFO, "self-signed certificate renewed",
               CV_LOG_TEXT("result", cv_err_name(err)));
        if (!err) {
            control_tls_reload(control);
        }
    } else if (left_us < RENEW_BEFORE_US) {
        CV_LOG(CV_LOG_WARNING, "the certificate is about to expire",
               CV_LOG_NUMBER("days", left_us / CV_US_PER_DAY));
    }
    cv_loop_timer_set(control->loop, timer, cv_loop_now_us(control->loop) + RENEW_CHECK_US);
}

/* What we know as a descriptor's number, people know by the name that they configured. */
static void name_files(const struct control *control, char error[static CONTROL_ERROR_BYTES]) {
    const struct {
        const char *ours;
        const char *theirs;
    } files[] = {{control->certificate, control->settings.config.tls.certificate},
                 {control->key, control->settings.config.tls.key}};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char *at = *files[i].theirs ? strstr(error, files[i].ours) : NULL;
        if (at) {
            char rest[CONTROL_ERROR_BYTES];
            size_t room = CONTROL_ERROR_BYTES - (size_t)(at - error);
            snprintf(rest, sizeof rest, "%s", at + strlen(files[i].ours));
            snprintf(at, room, "%s%s", files[i].theirs, rest);
        }
    }
}

enum cv_err control_tls_start(struct control *control, char error[static CONTROL_ERROR_BYTES]) {
    const struct cv_tls_files files = {control->certificate, control->key};
    if (is_own(control)) {
        snprintf(control->certificate, sizeof control->certificate,
                 CV_DATADIR_TLS "/certificate.pem");
        snprintf(control->key, sizeof control->key, CV_DATADIR_TLS "/key.pem");
        if (access(control->certificate, F_OK) < 0 || access(control->key, F_OK) < 0) {
            enum cv_err err = generate(control);
            if (err) {
                snprintf(error, CONTROL_ERROR_BYTES, "can't make a certificate: %s",
                         cv_err_name(err));
                return err;
            }
        }
    } else {
        control_resource_path(&control->handover, CV_RESOURCE_CERTIFICATE, control->certificate,
                              sizeof control->certificate);
        control_resource_path(&control->handover, CV_RESOURCE_KEY, control->key,
                              sizeof control->key);
    }
    enum cv_err err = cv_tls_new(&files, &control->tls, error);
    if (err) {
        name_files(control, error);
    } else {
        control->renew.call = on_renew;
        cv_loop_timer_set(control->loop, &control->renew,
                          cv_loop_now_us(control->loop) + CV_US_PER_MIN);
    }
    return err;
}

void control_tls_reload(struct control *control) {
    char error[CONTROL_ERROR_BYTES];
    if (cv_tls_reload(control->tls, error)) {
        name_files(control, error);
        CV_LOG(CV_LOG_ERROR, "the certificate stays as it was", CV_LOG_TEXT("reason", error));
    } else {
        CV_LOG(CV_LOG_INFO, "certificate read again");
    }
}
