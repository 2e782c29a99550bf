/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A connected, non-blocking stream socket, plain or under TLS, seen as bytes. It knows nothing of
 * HTTP, the loop or timers.
 */
#ifndef CV_IO_STREAM_H
#define CV_IO_STREAM_H

#include "base/bytes.h"

struct cv_tls;
struct ssl_st;

struct cv_stream {
    int fd;
    struct ssl_st *ssl;        /* NULL: plain */
    bool read_waits_for_write; /* after CV_ERR_AGAIN: go on reading once the fd is writable */
    bool write_waits_for_read; /* the other way round */
    bool is_broken;            /* TLS failed: not even a close_notify may be sent */
};

/* Takes the fd over, which is set non-blocking. `tls` NULL: plain. CV_ERR_MEMORY; the fd is then
 * closed. */
enum cv_err cv_stream_open(struct cv_stream *stream, int fd, struct cv_tls *tls, int64_t now_us);

/* TLS only, until CV_OK. CV_ERR_AGAIN; CV_ERR_SYNTAX for a failed handshake, CV_ERR_CLOSED. */
enum cv_err cv_stream_handshake(struct cv_stream *stream);
/* After the handshake: the client chose "h2" by ALPN. */
bool cv_stream_is_h2(const struct cv_stream *stream);

/*
 * Reads up to `capacity` bytes, with one system call at most. CV_ERR_AGAIN, CV_ERR_CLOSED (the
 * peer has ended or broken the connection).
 */
enum cv_err cv_stream_read(struct cv_stream *stream, uint8_t *data, size_t capacity,
                           size_t *ret_size);
/* Bytes that have been received wait inside TLS: epoll won't tell of them. */
bool cv_stream_has_pending(const struct cv_stream *stream);

/*
 * Writes a beginning of the bytes, at least one. After CV_ERR_AGAIN the next call must offer the
 * same bytes first (from any place in memory). CV_ERR_CLOSED.
 */
enum cv_err cv_stream_write(struct cv_stream *stream, struct cv_slice bytes, size_t *ret_size);

/* Ends our side: close_notify as far as the socket takes it, and FIN. */
void cv_stream_shut(struct cv_stream *stream);
/* Closes the fd and frees all. Harmless twice. */
void cv_stream_close(struct cv_stream *stream);

#endif
