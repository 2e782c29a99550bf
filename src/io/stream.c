/* SPDX-License-Identifier: Apache-2.0 */
#include "io/stream.h"

#include "io/tls_private.h"

#include <errno.h>
#include <openssl/err.h>
#include <sys/socket.h>
#include <unistd.h>

enum cv_err cv_stream_open(struct cv_stream *stream, int fd, struct cv_tls *tls, int64_t now_us) {
    *stream = (struct cv_stream){.fd = fd};
    if (!tls)
        return CV_OK;
    stream->ssl = cv_tls_connection(tls, fd, now_us);
    if (stream->ssl)
        return CV_OK;
    cv_stream_close(stream);
    return CV_ERR_MEMORY;
}

/* What a result <= 0 of an SSL function means. */
static enum cv_err tls_result(struct cv_stream *stream, int result, bool is_reading) {
    switch (SSL_get_error(stream->ssl, result)) {
    case SSL_ERROR_WANT_READ:
        stream->write_waits_for_read = !is_reading;
        return CV_ERR_AGAIN;
    case SSL_ERROR_WANT_WRITE:
        stream->read_waits_for_write = is_reading;
        return CV_ERR_AGAIN;
    case SSL_ERROR_ZERO_RETURN:
        return CV_ERR_CLOSED;
    case SSL_ERROR_SYSCALL:
        stream->is_broken = true;
        return CV_ERR_CLOSED;
    default:
        stream->is_broken = true;
        return CV_ERR_SYNTAX;
    }
}

enum cv_err cv_stream_handshake(struct cv_stream *stream) {
    ERR_clear_error();
    stream->read_waits_for_write = false;
    int result = SSL_do_handshake(stream->ssl);
    return result == 1 ? CV_OK : tls_result(stream, result, true);
}

bool cv_stream_is_h2(const struct cv_stream *stream) {
    const unsigned char *name = NULL;
    unsigned size = 0;
    if (stream->ssl)
        SSL_get0_alpn_selected(stream->ssl, &name, &size);
    return size == 2 && memcmp(name, "h2", 2) == 0;
}

static enum cv_err socket_result(ssize_t size, size_t *ret_size) {
    if (size > 0) {
        *ret_size = (size_t)size;
        return CV_OK;
    }
    if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
        return CV_ERR_AGAIN;
    return CV_ERR_CLOSED;
}

enum cv_err cv_stream_read(struct cv_stream *stream, uint8_t *data, size_t capacity,
                           size_t *ret_size) {
    if (!stream->ssl)
        return socket_result(recv(stream->fd, data, capacity, 0), ret_size);
    ERR_clear_error();
    stream->read_waits_for_write = false;
    int result = SSL_read_ex(stream->ssl, data, capacity, ret_size);
    if (result == 1)
        return CV_OK;
    enum cv_err err = tls_result(stream, result, true);
    return err == CV_ERR_SYNTAX ? CV_ERR_CLOSED : err;
}

bool cv_stream_has_pending(const struct cv_stream *stream) {
    return stream->ssl && SSL_has_pending(stream->ssl);
}

enum cv_err cv_stream_write(struct cv_stream *stream, struct cv_slice bytes, size_t *ret_size) {
    if (!stream->ssl)
        return socket_result(send(stream->fd, bytes.data, bytes.size, MSG_NOSIGNAL), ret_size);
    ERR_clear_error();
    stream->write_waits_for_read = false;
    int result = SSL_write_ex(stream->ssl, bytes.data, bytes.size, ret_size);
    if (result == 1)
        return CV_OK;
    enum cv_err err = tls_result(stream, result, false);
    return err == CV_ERR_SYNTAX ? CV_ERR_CLOSED : err;
}

void cv_stream_shut(struct cv_stream *stream) {
    if (stream->ssl && !stream->is_broken && SSL_is_init_finished(stream->ssl)) {
        ERR_clear_error();
        SSL_shutdown(stream->ssl);
    }
    shutdown(stream->fd, SHUT_WR);
}

void cv_stream_close(struct cv_stream *stream) {
    SSL_free(stream->ssl);
    stream->ssl = NULL;
    if (stream->fd >= 0)
        close(stream->fd);
    stream->fd = -1;
}
