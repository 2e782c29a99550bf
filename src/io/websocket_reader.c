/* SPDX-License-Identifier: Apache-2.0 */
#include "io/websocket_reader.h"

#include "base/utf8.h"
#include "io/websocket.h"

#include <wslay/wslay.h>

void cv_websocket_pool_release(struct cv_websocket_pool *pool) {
    wslay_frame_context_free(pool->spare);
    pool->spare = NULL;
}

void cv_websocket_reader_release(struct cv_websocket_reader *reader) {
    wslay_frame_context_free(reader->frames);
    reader->frames = NULL;
    cv_buf_release(&reader->message);
    cv_buf_release(&reader->control);
}

static ssize_t feed(uint8_t *data, size_t capacity, int flags, void *context) {
    struct cv_slice *input = context;
    size_t size = input->size < capacity ? input->size : capacity;
    if (size == 0)
        return -1;
    memcpy(data, input->data, size);
    *input = cv_slice_of(input->data + size, input->size - size);
    return (ssize_t)size;
}

static bool take_frames(struct cv_websocket_reader *reader, struct cv_websocket_pool *pool) {
    static const struct wslay_frame_callbacks callbacks = {.recv_callback = feed};
    if (reader->frames)
        return true;
    reader->frames = pool->spare;
    pool->spare = NULL;
    return reader->frames ||
           wslay_frame_context_init(&reader->frames, &callbacks, &pool->input) == 0;
}

/* All that was fed has come out: nothing of this socket is left in the context. */
static void give_frames_back(struct cv_websocket_reader *reader, struct cv_websocket_pool *pool) {
    if (reader->fed_bytes > 0 || reader->frame_bytes > 0)
        return;
    if (pool->spare)
        wslay_frame_context_free(reader->frames);
    else
        pool->spare = reader->frames;
    reader->frames = NULL;
}

static enum cv_websocket_event fail(struct cv_websocket_item *ret_item, uint16_t code,
                                    const char *reason) {
    *ret_item = (struct cv_websocket_item){code, cv_slice_str(reason)};
    return CV_WEBSOCKET_ERROR;
}

/* RFC 6455 section 7.4 and the IANA registry: codes that may stand in a frame. */
static bool is_wire_code(uint16_t code) {
    return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
           (code >= 3000 && code <= 4999);
}

static enum cv_websocket_event take_close(struct cv_slice payload,
                                          struct cv_websocket_item *ret_item) {
    if (payload.size == 0) {
        *ret_item = (struct cv_websocket_item){.code = CV_WS_NO_STATUS};
        return CV_WEBSOCKET_CLOSE;
    }
    uint16_t code = payload.size >= 2 ? cv_get_be16(payload.data) : 0;
    if (!is_wire_code(code))
        return fail(ret_item, CV_WS_PROTOCOL_ERROR, "malformed close frame");
    struct cv_slice reason = {payload.data + 2, payload.size - 2};
    if (!cv_utf8_valid(reason))
        return fail(ret_item, CV_WS_BAD_DATA, "the close reason is not UTF-8");
    *ret_item = (struct cv_websocket_item){code, reason};
    return CV_WEBSOCKET_CLOSE;
}

static enum cv_websocket_event take_control(uint8_t opcode, struct cv_slice payload,
                                            struct cv_websocket_item *ret_item) {
    if (opcode == WSLAY_CONNECTION_CLOSE)
        return take_close(payload, ret_item);
    *ret_item = (struct cv_websocket_item){.data = payload};
    return opcode == WSLAY_PING ? CV_WEBSOCKET_PING : CV_WEBSOCKET_PONG;
}

static enum cv_websocket_event take_message(const struct cv_websocket_reader *reader,
                                            struct cv_slice message,
                                            struct cv_websocket_item *ret_item) {
    if (reader->is_text && !cv_utf8_valid(message))
        return fail(ret_item, CV_WS_BAD_DATA, "the text is not UTF-8");
    *ret_item = (struct cv_websocket_item){.data = message};
    return reader->is_text ? CV_WEBSOCKET_TEXT : CV_WEBSOCKET_BINARY;
}

/* What is wrong with a frame's header; NULL: nothing. */
static const char *frame_fault(const struct cv_websocket_reader *reader,
                               const struct wslay_frame_iocb *frame) {
    bool is_data = frame->opcode == WSLAY_TEXT_FRAME || frame->opcode == WSLAY_BINARY_FRAME;
    if (frame->rsv != 0)
        return "a reserved bit is set";
    if (!frame->mask)
        return "the frame is not masked";
    if (!is_data && frame->opcode != WSLAY_CONTINUATION_FRAME &&
        !(frame->opcode >= WSLAY_CONNECTION_CLOSE && frame->opcode <= WSLAY_PONG))
        return "unknown opcode";
    if (frame->opcode == WSLAY_CONTINUATION_FRAME && !reader->has_message)
        return "nothing to continue";
    return is_data && reader->has_message ? "a message inside another" : NULL;
}

static enum cv_websocket_event on_data(struct cv_websocket_reader *reader,
                                       const struct wslay_frame_iocb *frame, bool is_whole,
                                       bool is_end, struct cv_websocket_item *ret_item) {
    struct cv_slice piece = {frame->data, frame->data_length};
    if (is_whole && frame->fin && !reader->has_message)
        return take_message(reader, piece, ret_item); /* the usual case, without a copy */
    reader->has_message = true;
    if (cv_buf_append(&reader->message, piece.data, piece.size))
        return fail(ret_item, CV_WS_INTERNAL_ERROR, "out of memory");
    if (!is_end || !frame->fin)
        return CV_WEBSOCKET_MORE;
    reader->has_message = false;
    reader->has_given = true;
    return take_message(reader, cv_buf_slice(&reader->message), ret_item);
}

static enum cv_websocket_event on_control(struct cv_websocket_reader *reader,
                                          const struct wslay_frame_iocb *frame, bool is_whole,
                                          bool is_end, struct cv_websocket_item *ret_item) {
    struct cv_slice piece = {frame->data, frame->data_length};
    if (is_whole)
        return take_control(frame->opcode, piece, ret_item);
    if (cv_buf_append(&reader->control, piece.data, piece.size))
        return fail(ret_item, CV_WS_INTERNAL_ERROR, "out of memory");
    if (!is_end)
        return CV_WEBSOCKET_MORE;
    reader->has_given = true;
    return take_control(frame->opcode, cv_buf_slice(&reader->control), ret_item);
}

/*
 * A piece of a frame, in order; several make a frame. What the header says is known with the
 * first byte of payload, or with the frame's end.
 */
static enum cv_websocket_event on_piece(struct cv_websocket_reader *reader,
                                        size_t max_message_bytes,
                                        const struct wslay_frame_iocb *frame,
                                        struct cv_websocket_item *ret_item) {
    bool is_first = reader->frame_bytes == 0, is_control = wslay_is_ctrl_frame(frame->opcode);
    reader->frame_bytes += frame->data_length;
    reader->fed_bytes -= frame->data_length;
    bool is_end = reader->frame_bytes == frame->payload_length;
    if (is_end)
        reader->frame_bytes = 0;
    if (is_first) {
        size_t length_bytes = frame->payload_length < 126           ? 0
                              : frame->payload_length <= UINT16_MAX ? 2
                                                                    : 8;
        reader->fed_bytes -= 2 + length_bytes + (frame->mask ? 4 : 0);
        const char *fault = frame_fault(reader, frame);
        if (fault)
            return fail(ret_item, CV_WS_PROTOCOL_ERROR, fault);
        if (frame->opcode == WSLAY_TEXT_FRAME || frame->opcode == WSLAY_BINARY_FRAME)
            reader->is_text = frame->opcode == WSLAY_TEXT_FRAME;
        if (!is_control && (frame->payload_length > max_message_bytes ||
                            reader->message.size + frame->payload_length > max_message_bytes))
            return fail(ret_item, CV_WS_TOO_BIG, "the message is too big");
    }
    return is_control ? on_control(reader, frame, is_first && is_end, is_end, ret_item)
                      : on_data(reader, frame, is_first && is_end, is_end, ret_item);
}

enum cv_websocket_event cv_websocket_read(struct cv_websocket_reader *reader,
                                          struct cv_websocket_pool *pool, size_t max_message_bytes,
                                          struct cv_slice *input,
                                          struct cv_websocket_item *ret_item) {
    enum cv_websocket_event event = CV_WEBSOCKET_MORE;
    if (reader->has_given) {
        reader->has_given = false;
        /* Either is given only when the other is empty or must be kept for later. */
        if (!reader->has_message)
            cv_buf_release(&reader->message);
        cv_buf_release(&reader->control);
    }
    if (!take_frames(reader, pool))
        return fail(ret_item, CV_WS_INTERNAL_ERROR, "out of memory");
    reader->fed_bytes += input->size;
    pool->input = *input;
    while (event == CV_WEBSOCKET_MORE) {
        struct wslay_frame_iocb frame;
        ssize_t size = wslay_frame_recv(reader->frames, &frame);
        if (size == WSLAY_ERR_WANT_READ)
            break;
        event = size < 0 ? fail(ret_item, CV_WS_PROTOCOL_ERROR, "malformed frame")
                         : on_piece(reader, max_message_bytes, &frame, ret_item);
    }
    /* What wslay has not taken is not counted as fed: it comes again with the next call. */
    *input = pool->input;
    reader->fed_bytes -= input->size;
    if (event == CV_WEBSOCKET_MORE)
        give_frames_back(reader, pool);
    return event;
}
