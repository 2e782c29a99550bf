/* SPDX-License-Identifier: Apache-2.0 */
#include "load/websocket.h"

#include "base/encode.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include <wslay/wslay.h>

enum { MAX_HEAD_BYTES = 8192, MAX_MESSAGE_BYTES = 4 * 1024 * 1024, KEY_BYTES = 16 };

struct cv_load_websocket {
    struct cv_load_websocket_config config;
    int fd;
    struct cv_watch watch;
    struct cv_deferred flush;
    SSL *ssl;
    struct cv_buf out;  /* the request's head, until it is sent */
    struct cv_buf head; /* of the answer, as far as it came */
    wslay_event_context_ptr frames;
    bool open; /* 101 came */
    bool over;
};

SSL_CTX *cv_load_websocket_tls(bool insecure) {
    SSL_CTX *tls = SSL_CTX_new(TLS_client_method());
    if (!tls)
        return NULL;
    SSL_CTX_set_mode(tls, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_default_verify_paths(tls);
    SSL_CTX_set_verify(tls, insecure ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, NULL);
    return tls;
}

static void finish(struct cv_load_websocket *websocket, const char *reason) {
    if (websocket->over)
        return;
    websocket->over = true;
    cv_loop_unwatch(websocket->config.loop, &websocket->watch);
    cv_loop_defer_cancel(websocket->config.loop, &websocket->flush);
    websocket->config.handlers.on_close(websocket->config.handlers.context, reason);
}

/* Whether an OpenSSL result only says that the socket isn't ready. */
static bool would_block(const struct cv_load_websocket *websocket, int result) {
    int error = SSL_get_error(websocket->ssl, result);
    return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
}

static ssize_t receive(wslay_event_context_ptr frames, uint8_t *data, size_t size, int flags,
                       void *context) {
    struct cv_load_websocket *websocket = context;
    /* What came behind the head of the answer is the first to be read. */
    if (websocket->head.size > 0) {
        size_t taken = websocket->head.size < size ? websocket->head.size : size;
        memcpy(data, websocket->head.data, taken);
        cv_buf_consume(&websocket->head, taken);
        return (ssize_t)taken;
    }
    int taken = SSL_read(websocket->ssl, data, (int)size);
    if (taken <= 0)
        wslay_event_set_error(frames, would_block(websocket, taken) ? WSLAY_ERR_WOULDBLOCK
                                                                    : WSLAY_ERR_CALLBACK_FAILURE);
    return taken > 0 ? taken : -1;
}

static ssize_t transmit(wslay_event_context_ptr frames, const uint8_t *data, size_t size, int flags,
                        void *context) {
    struct cv_load_websocket *websocket = context;
    int sent = SSL_write(websocket->ssl, data, (int)size);
    if (sent <= 0)
        wslay_event_set_error(frames, would_block(websocket, sent) ? WSLAY_ERR_WOULDBLOCK
                                                                   : WSLAY_ERR_CALLBACK_FAILURE);
    return sent > 0 ? sent : -1;
}

static int make_mask(wslay_event_context_ptr frames, uint8_t *mask, size_t size, void *context) {
    return RAND_bytes(mask, (int)size) == 1 ? 0 : -1;
}

static void take_message(wslay_event_context_ptr frames,
                         const struct wslay_event_on_msg_recv_arg *message, void *context) {
    struct cv_load_websocket *websocket = context;
    if (message->opcode == WSLAY_TEXT_FRAME && !websocket->over)
        websocket->config.handlers.on_text(websocket->config.handlers.context,
                                           cv_slice_of(message->msg, message->msg_length));
}

/* 101 or nothing; that the server can hash a key is not what we are here to test. */
static void take_head(struct cv_load_websocket *websocket) {
    static const char good[] = "HTTP/1.1 101 ";
    uint8_t bytes[2048];
    int taken;
    while ((taken = SSL_read(websocket->ssl, bytes, sizeof bytes)) > 0)
        if (cv_buf_append(&websocket->head, bytes, (size_t)taken)) {
            finish(websocket, "the server's answer has no end");
            return;
        }
    const uint8_t *end = memmem(websocket->head.data, websocket->head.size, "\r\n\r\n", 4);
    if (!end) {
        if (!would_block(websocket, taken))
            finish(websocket, "the server hung up");
        return;
    }
    if (memcmp(websocket->head.data, good, sizeof good - 1) != 0) {
        finish(websocket, "the server refused the WebSocket");
        return;
    }
    cv_buf_consume(&websocket->head, (size_t)(end + 4 - websocket->head.data));
    websocket->open = true;
    websocket->config.handlers.on_open(websocket->config.handlers.context);
}

static void send_head(struct cv_load_websocket *websocket) {
    while (websocket->out.size > 0) {
        int sent = SSL_write(websocket->ssl, websocket->out.data, (int)websocket->out.size);
        if (sent <= 0) {
            if (!would_block(websocket, sent))
                finish(websocket, "no TLS connection to the server (is its certificate known here? "
                                  "--insecure takes any)");
            return;
        }
        cv_buf_consume(&websocket->out, (size_t)sent);
    }
}

static void advance(struct cv_load_websocket *websocket) {
    ERR_clear_error();
    if (!websocket->open)
        send_head(websocket);
    if (!websocket->open && !websocket->over && websocket->out.size == 0)
        take_head(websocket);
    if (websocket->open && !websocket->over &&
        (wslay_event_recv(websocket->frames) || wslay_event_send(websocket->frames)))
        finish(websocket, "the connection to the server broke");
    if (websocket->open && !websocket->over && wslay_event_get_close_received(websocket->frames)) {
        char reason[64];
        snprintf(reason, sizeof reason, "the server closed with code %u",
                 (unsigned)wslay_event_get_status_code_received(websocket->frames));
        finish(websocket, reason);
    }
    if (websocket->over)
        return;
    bool writes = websocket->open ? wslay_event_want_write(websocket->frames)
                                  : SSL_want_write(websocket->ssl);
    (void)cv_loop_watch_change(websocket->config.loop, &websocket->watch,
                               writes ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

static void on_ready(struct cv_watch *watch, uint32_t events) {
    advance(CV_CONTAINER_OF(watch, struct cv_load_websocket, watch));
}

static void on_flush(struct cv_deferred *deferred) {
    advance(CV_CONTAINER_OF(deferred, struct cv_load_websocket, flush));
}

static enum cv_err write_head(struct cv_load_websocket *websocket) {
    uint8_t key[KEY_BYTES];
    char text[CV_BASE64_SIZE(KEY_BYTES) + 1];
    if (RAND_bytes(key, sizeof key) != 1)
        return CV_ERR_CRYPTO;
    cv_base64_encode(key, sizeof key, text);
    return cv_buf_printf(
        &websocket->out,
        "GET %s HTTP/1.1\r\nHost: %s\r\nOrigin: https://%s\r\n"
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: %s\r\nSec-WebSocket-Protocol: %s\r\n\r\n",
        websocket->config.path, websocket->config.host, websocket->config.host, text,
        websocket->config.protocol);
}

static enum cv_err open_tls(struct cv_load_websocket *websocket) {
    char name[256];
    snprintf(name, sizeof name, "%s", websocket->config.host);
    name[strcspn(name, ":")] = '\0';
    websocket->ssl = SSL_new(websocket->config.tls);
    if (!websocket->ssl || !SSL_set_fd(websocket->ssl, websocket->fd) ||
        !SSL_set_tlsext_host_name(websocket->ssl, name) || !SSL_set1_host(websocket->ssl, name))
        return CV_ERR_CRYPTO;
    SSL_set_connect_state(websocket->ssl);
    return CV_OK;
}

static enum cv_err open_socket(struct cv_load_websocket *websocket) {
    const struct cv_addr *addr = &websocket->config.addr;
    struct sockaddr_in remote = {.sin_family = AF_INET, .sin_port = htons(addr->port)};
    int on = 1;
    memcpy(&remote.sin_addr, addr->ip, sizeof remote.sin_addr);
    websocket->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (websocket->fd < 0)
        return CV_ERR_SYSTEM;
    (void)setsockopt(websocket->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(websocket->fd, (const struct sockaddr *)&remote, sizeof remote) < 0 &&
        errno != EINPROGRESS)
        return CV_ERR_SYSTEM;
    return cv_loop_watch(websocket->config.loop, &websocket->watch, websocket->fd,
                         EPOLLIN | EPOLLOUT, on_ready);
}

enum cv_err cv_load_websocket_new(const struct cv_load_websocket_config *config,
                                  struct cv_load_websocket **ret_websocket) {
    static const struct wslay_event_callbacks callbacks = {
        .recv_callback = receive,
        .send_callback = transmit,
        .genmask_callback = make_mask,
        .on_msg_recv_callback = take_message,
    };
    struct cv_load_websocket *websocket = calloc(1, sizeof *websocket);
    if (!websocket)
        return CV_ERR_MEMORY;
    websocket->config = *config;
    websocket->head.limit_bytes = MAX_HEAD_BYTES;
    websocket->flush.call = on_flush;
    enum cv_err err = open_socket(websocket);
    if (!err)
        err = open_tls(websocket);
    if (!err)
        err = write_head(websocket);
    if (!err && wslay_event_context_client_init(&websocket->frames, &callbacks, websocket) != 0)
        err = CV_ERR_MEMORY;
    if (err) {
        cv_load_websocket_free(websocket);
        return err;
    }
    wslay_event_config_set_max_recv_msg_length(websocket->frames, MAX_MESSAGE_BYTES);
    websocket->config.host = websocket->config.path = websocket->config.protocol = NULL;
    *ret_websocket = websocket;
    return CV_OK;
}

struct cv_load_websocket *cv_load_websocket_free(struct cv_load_websocket *websocket) {
    if (!websocket)
        return NULL;
    cv_loop_unwatch(websocket->config.loop, &websocket->watch);
    cv_loop_defer_cancel(websocket->config.loop, &websocket->flush);
    if (websocket->frames)
        wslay_event_context_free(websocket->frames);
    SSL_free(websocket->ssl);
    if (websocket->fd >= 0)
        close(websocket->fd);
    cv_buf_release(&websocket->out);
    cv_buf_release(&websocket->head);
    free(websocket);
    return NULL;
}

void cv_load_websocket_send(struct cv_load_websocket *websocket, struct cv_slice text) {
    const struct wslay_event_msg message = {
        .opcode = WSLAY_TEXT_FRAME, .msg = text.data, .msg_length = text.size};
    if (websocket->over || wslay_event_queue_msg(websocket->frames, &message) != 0)
        return;
    cv_loop_defer(websocket->config.loop, &websocket->flush);
}
