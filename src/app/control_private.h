/* SPDX-License-Identifier: Apache-2.0 */
/* The control process's parts, and what each file of it does. */
#ifndef CV_APP_CONTROL_PRIVATE_H
#define CV_APP_CONTROL_PRIVATE_H

#include "api/admin.h"
#include "app/config.h"
#include "app/handover.h"
#include "app/hasher.h"
#include "app/hub.h"
#include "app/keys.h"
#include "app/mailbox.h"
#include "app/retention.h"
#include "app/sockets.h"
#include "app/store_gate.h"
#include "app/stun_port.h"
#include "app/whip.h"
#include "io/server.h"
#include "io/static.h"

enum { CONTROL_ERROR_BYTES = 512 };

/* What follows from the configuration; replaced as a whole by a reload. */
struct control_settings {
    struct cv_config config;
    struct cv_buf origin;
    struct cv_buf turn_secret;
    const char **turn_urls; /* NULL-terminated */
    struct cv_cidr *trusted_proxies;
    size_t trusted_proxy_count;
    struct cv_cidr *metrics_allow;
    size_t metrics_allow_count;
};

/* What the supervisor handed over. */
struct control_handover {
    int resources[CV_RESOURCE_COUNT]; /* -1: none */
    struct cv_socket listeners[CV_SOCKETS_MAX];
    size_t listener_count;
    struct {
        struct cv_handover_worker worker;
        int fd;
    } workers[CV_RELAY_MAX_WORKERS];
    size_t worker_count;
    struct cv_handover_start start;
    struct cv_buf space; /* of the message that is read */
};

struct control {
    struct cv_loop *loop;
    struct control_handover handover;
    struct control_settings settings;
    /* The views of the settings that the parts hold; rewritten by a reload. */
    struct cv_api_settings api_settings;
    struct cv_ice_settings ice_settings;
    struct cv_retention_settings retention_settings;
    struct cv_admin_facts admin_facts;
    char data_folder[4096];
    int64_t started_at_us;

    struct cv_secrets secrets;
    struct cv_geo geo;
    struct cv_tls *tls;
    char certificate[64]; /* paths of the files in use */
    char key[64];
    struct cv_static *web;
    struct cv_mailbox mailbox;
    struct cv_store_gate gate;
    struct cv_store *store; /* the gate's */
    struct cv_hasher *hasher;
    struct cv_workers_settings workers_settings;
    struct cv_workers *workers;
    struct cv_hub *hub;
    struct cv_whip *whip;
    struct cv_api *api;
    struct cv_server *server; /* of everybody */
    struct cv_server *local;  /* of control.sock */
    struct cv_stun_port stun;
    struct cv_retention retention;

    struct cv_watch channel;
    struct cv_timer alive;
    struct cv_timer renew; /* of a self-signed certificate */
    bool ready;
    bool draining;
    unsigned draining_servers;
};

/* --- control_handover.c --- */
void control_handover_init(struct control_handover *handover);
/* Waits for everything up to CV_HANDOVER_START. */
enum cv_err control_handover_receive(struct control_handover *handover);
/* Takes one message's resource over, in place of the one that was there, under the same number:
 * paths by which it is known stay good. */
void control_handover_take(struct control_handover *handover, enum cv_resource resource, int fd);
/* "/proc/self/fd/N": by this path a file can be opened again that can't be reached by its own. */
void control_resource_path(const struct control_handover *handover, enum cv_resource resource,
                           char *path, size_t size);
enum cv_err control_resource_read(const struct control_handover *handover,
                                  enum cv_resource resource, struct cv_buf *bytes);

/* --- control_settings.c --- */
enum cv_err control_settings_load(const struct control_handover *handover,
                                  struct control_settings *ret_settings,
                                  char error[static CONTROL_ERROR_BYTES]);
void control_settings_release(struct control_settings *settings);
/* Rewrites the views. */
void control_settings_apply(struct control *control);

/* --- control_relay.c --- */
/* What the workers are told of addresses and limits, from the settings. */
void control_relay_apply(struct control *control);
enum cv_err control_relay_start(struct control *control);
/* For /readyz (true without a relay) and status. */
bool control_relay_is_ready(const struct control *control);
json_t *control_relay_json(const struct control *control);
/* Takes the descriptor over. */
void control_relay_take(struct control *control, const struct cv_handover_worker *worker, int fd);

/* --- control_tls.c --- */
enum cv_err control_tls_start(struct control *control, char error[static CONTROL_ERROR_BYTES]);
void control_tls_reload(struct control *control);

/* --- control_files.c --- */
/* The databases of addresses, and the web client where there is one. */
enum cv_err control_files_open(struct control *control, char error[static CONTROL_ERROR_BYTES]);
/* Opens them anew; what can't be used leaves the one before in its place. */
void control_files_reload(struct control *control);

/* --- control_web.c --- */
/* Requests from everybody, and from control.sock. */
extern void control_on_request(void *context, struct cv_exchange *exchange);
extern void control_on_local_request(void *context, struct cv_exchange *exchange);
size_t control_body_limit(void *context, const struct cv_http_request *request);

/* --- control_metrics.c --- */
void control_serve_metrics(struct control *control, struct cv_exchange *exchange);
void control_serve_health(struct control *control, struct cv_exchange *exchange, bool ready);

/* --- control_metrics_relay.c --- */
enum cv_err control_print_relay_metrics(struct control *control, struct cv_buf *text);

/* --- control_status.c --- */
/* The context is the control. */
json_t *control_status(void *context);

/* --- control_announce.c --- */
/* Prints where the server can be found, and the first links. */
void control_announce(struct control *control);

#endif
