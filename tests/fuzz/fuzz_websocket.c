/* SPDX-License-Identifier: Apache-2.0 */
/* What a WebSocket client sends: the first byte says how the rest is cut; both cuts must read the
 * same. */
#include "io/websocket_reader.h"

#include "base/utf8.h"
#include "pieces.h"

enum { MESSAGE_MAX = 10000 };

static void check(enum cv_websocket_event event, const struct cv_websocket_item *item) {
    if ((event == CV_WEBSOCKET_TEXT || event == CV_WEBSOCKET_CLOSE) && !cv_utf8_valid(item->data))
        abort();
    if ((event == CV_WEBSOCKET_TEXT || event == CV_WEBSOCKET_BINARY) &&
        item->data.size > MESSAGE_MAX)
        abort();
    if ((event == CV_WEBSOCKET_PING || event == CV_WEBSOCKET_PONG) && item->data.size > 125)
        abort();
    if (event == CV_WEBSOCKET_CLOSE && item->data.size > 123)
        abort();
}

/* Writes all events down. */
static struct cv_buf run(const uint8_t *data, size_t size, size_t step) {
    struct cv_buf log = {0};
    struct cv_websocket_pool pool = {0};
    struct cv_websocket_reader reader = {0};
    struct cv_websocket_item item;
    enum cv_websocket_event event = CV_WEBSOCKET_MORE;
    for (size_t at = 0; at < size && event != CV_WEBSOCKET_ERROR; at += step) {
        struct cv_slice input = fuzz_piece(data, size, at, step);
        while ((event = cv_websocket_read(&reader, &pool, MESSAGE_MAX, &input, &item)) !=
               CV_WEBSOCKET_MORE) {
            check(event, &item);
            cv_buf_append_byte(&log, (uint8_t)event);
            cv_buf_append(&log, item.data.data, item.data.size);
            if (event == CV_WEBSOCKET_ERROR)
                break;
        }
    }
    cv_websocket_reader_release(&reader);
    cv_websocket_pool_release(&pool);
    return log;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_pieces(run, data, size);
    return 0;
}
