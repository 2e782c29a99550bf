/* SPDX-License-Identifier: Apache-2.0 */
/* A ring whose other end is hostile: positions and contents are the fuzzer's, and change while the
 * reader is at work. Every record that comes out is in its bounds, and the reader comes to an end.
 */
#include "ipc/ring.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { WRITTEN_AT = 0, READ_AT = 64, DATA_AT = 192, HEAD_BYTES = 4 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static uint8_t record[CV_RING_RECORD_BYTES];
    struct cv_ring *reader = NULL, *writer = NULL;
    size_t record_size = 0, records = 0;
    int fd = cv_ring_memory();
    uint8_t *all = mmap(NULL, DATA_AT + CV_RING_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (fd < 0 || all == MAP_FAILED || cv_ring_new(fd, CV_RING_READER, &reader) ||
        cv_ring_new(fd, CV_RING_WRITER, &writer))
        abort();
    while (size >= HEAD_BYTES) {
        size_t body = size - HEAD_BYTES < 256 ? size - HEAD_BYTES : 256;
        memcpy(all + WRITTEN_AT, data, HEAD_BYTES);
        memcpy(all + READ_AT, data, HEAD_BYTES);
        memcpy(all + DATA_AT, data + HEAD_BYTES, body);
        data += HEAD_BYTES + body;
        size -= HEAD_BYTES + body;
        enum cv_err err;
        while (!(err = cv_ring_get(reader, record, &record_size))) {
            if (record_size == 0 || record_size > sizeof record || ++records > 1000 * CV_RING_BYTES)
                abort();
        }
        (void)cv_ring_may_sleep(reader);
        if (err == CV_ERR_SYNTAX)
            break;
        (void)cv_ring_put(writer, cv_slice_of(record, 8), cv_slice_of(record, 8));
        (void)cv_ring_must_wake(writer);
    }
    cv_ring_free(reader);
    cv_ring_free(writer);
    munmap(all, DATA_AT + CV_RING_BYTES);
    close(fd);
    return 0;
}
