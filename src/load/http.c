/* SPDX-License-Identifier: Apache-2.0 */
#include "load/http.h"

#include "base/bytes.h"
#include "base/time.h"

#include <curl/curl.h>
#include <stdlib.h>

enum { TIMEOUT_S = 60, MAX_ANSWER_BYTES = 4 * 1024 * 1024, MAX_CONNECTIONS = 16 };

struct cv_load_http {
    struct cv_loop *loop;
    CURLM *multi;
    struct cv_timer timer;
    struct cv_list requests;
    struct cv_list sockets;
};

struct request {
    struct cv_list link;
    struct cv_load_http *http;
    CURL *curl;
    struct curl_slist *headers;
    char *body;
    struct cv_buf answer;
    cv_load_http_done *done;
    void *context;
};

struct watched {
    struct cv_list link;
    struct cv_load_http *http;
    struct cv_watch watch;
};

static void free_request(struct request *request) {
    curl_multi_remove_handle(request->http->multi, request->curl);
    curl_easy_cleanup(request->curl);
    curl_slist_free_all(request->headers);
    free(request->body);
    cv_buf_release(&request->answer);
    cv_list_remove(&request->link);
    free(request);
}

static void finish(struct request *request, CURLcode code) {
    long status = 0;
    json_t *answer = NULL;
    if (code == CURLE_OK) {
        curl_easy_getinfo(request->curl, CURLINFO_RESPONSE_CODE, &status);
        answer = json_loadb((const char *)request->answer.data, request->answer.size,
                            JSON_REJECT_DUPLICATES, NULL);
    }
    cv_load_http_done *done = request->done;
    void *context = request->context;
    free_request(request);
    done(context, status, answer);
    json_decref(answer);
}

static void take_finished(struct cv_load_http *http) {
    int left;
    CURLMsg *message;
    while ((message = curl_multi_info_read(http->multi, &left))) {
        struct request *request;
        if (message->msg != CURLMSG_DONE)
            continue;
        CURLcode code = message->data.result;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &request);
        finish(request, code);
    }
}

static void on_timer(struct cv_timer *timer) {
    struct cv_load_http *http = CV_CONTAINER_OF(timer, struct cv_load_http, timer);
    int running;
    curl_multi_socket_action(http->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    take_finished(http);
}

static int set_timer(CURLM *multi, long timeout_ms, void *context) {
    struct cv_load_http *http = context;
    if (timeout_ms < 0)
        cv_loop_timer_cancel(http->loop, &http->timer);
    else
        (void)cv_loop_timer_set(http->loop, &http->timer,
                                cv_loop_now_us(http->loop) + timeout_ms * CV_US_PER_MS);
    return 0;
}

static void on_ready(struct cv_watch *watch, uint32_t events) {
    struct cv_load_http *http = CV_CONTAINER_OF(watch, struct watched, watch)->http;
    int running, flags = (events & (EPOLLIN | EPOLLHUP) ? CURL_CSELECT_IN : 0) |
                         (events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
                         (events & EPOLLERR ? CURL_CSELECT_ERR : 0);
    curl_multi_socket_action(http->multi, watch->fd, flags, &running);
    take_finished(http);
}

static void forget(struct watched *watched) {
    cv_loop_unwatch(watched->http->loop, &watched->watch);
    cv_list_remove(&watched->link);
    free(watched);
}

static int watch_socket(CURL *curl, curl_socket_t fd, int what, void *context, void *known) {
    struct cv_load_http *http = context;
    struct watched *watched = known;
    if (what == CURL_POLL_REMOVE) {
        if (watched)
            forget(watched);
        return 0;
    }
    uint32_t events = (what & CURL_POLL_IN ? EPOLLIN : 0u) | (what & CURL_POLL_OUT ? EPOLLOUT : 0u);
    if (watched)
        return cv_loop_watch_change(http->loop, &watched->watch, events) ? -1 : 0;
    watched = calloc(1, sizeof *watched);
    if (!watched)
        return -1;
    watched->http = http;
    cv_list_append(&http->sockets, &watched->link);
    if (cv_loop_watch(http->loop, &watched->watch, fd, events, on_ready)) {
        forget(watched);
        return -1;
    }
    curl_multi_assign(http->multi, fd, watched);
    return 0;
}

enum cv_err cv_load_http_new(struct cv_loop *loop, struct cv_load_http **ret_http) {
    struct cv_load_http *http = calloc(1, sizeof *http);
    if (!http)
        return CV_ERR_MEMORY;
    http->loop = loop;
    http->timer.call = on_timer;
    cv_list_init(&http->requests);
    cv_list_init(&http->sockets);
    http->multi = curl_multi_init();
    if (!http->multi) {
        free(http);
        return CV_ERR_MEMORY;
    }
    curl_multi_setopt(http->multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
    curl_multi_setopt(http->multi, CURLMOPT_SOCKETDATA, http);
    curl_multi_setopt(http->multi, CURLMOPT_TIMERFUNCTION, set_timer);
    curl_multi_setopt(http->multi, CURLMOPT_TIMERDATA, http);
    curl_multi_setopt(http->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)MAX_CONNECTIONS);
    *ret_http = http;
    return CV_OK;
}

struct cv_load_http *cv_load_http_free(struct cv_load_http *http) {
    if (!http)
        return NULL;
    CV_LIST_EACH_SAFE(it, &http->requests)
    free_request(CV_CONTAINER_OF(it, struct request, link));
    curl_multi_cleanup(http->multi);
    CV_LIST_EACH_SAFE(it, &http->sockets)
    forget(CV_CONTAINER_OF(it, struct watched, link));
    cv_loop_timer_cancel(http->loop, &http->timer);
    free(http);
    return NULL;
}

static size_t collect(char *data, size_t size, size_t count, void *context) {
    struct cv_buf *answer = context;
    return cv_buf_append(answer, data, size * count) ? 0 : size * count;
}

enum cv_err cv_load_http_send(struct cv_load_http *http, const char *url, const json_t *body,
                              cv_load_http_done *done, void *context) {
    struct request *request = calloc(1, sizeof *request);
    if (!request)
        return CV_ERR_MEMORY;
    request->http = http;
    request->answer.limit_bytes = MAX_ANSWER_BYTES;
    request->done = done;
    request->context = context;
    cv_list_append(&http->requests, &request->link);
    request->curl = curl_easy_init();
    request->body = body ? json_dumps(body, JSON_COMPACT) : NULL;
    request->headers = curl_slist_append(NULL, "Content-Type: application/json");
    if (!request->curl || !request->headers || (body && !request->body)) {
        free_request(request);
        return CV_ERR_MEMORY;
    }
    curl_easy_setopt(request->curl, CURLOPT_URL, url);
    curl_easy_setopt(request->curl, CURLOPT_PRIVATE, request);
    curl_easy_setopt(request->curl, CURLOPT_HTTPHEADER, request->headers);
    curl_easy_setopt(request->curl, CURLOPT_TIMEOUT, (long)TIMEOUT_S);
    curl_easy_setopt(request->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(request->curl, CURLOPT_WRITEFUNCTION, collect);
    curl_easy_setopt(request->curl, CURLOPT_WRITEDATA, &request->answer);
    if (body)
        curl_easy_setopt(request->curl, CURLOPT_POSTFIELDS, request->body);
    if (curl_multi_add_handle(http->multi, request->curl) != CURLM_OK) {
        free_request(request);
        return CV_ERR_MEMORY;
    }
    return CV_OK;
}
