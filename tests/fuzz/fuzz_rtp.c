/* SPDX-License-Identifier: Apache-2.0 */
/* RTP: all slices stay inside, the walk over extensions ends, what is written is read again. */
#include "media/rtp.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void assert_inside(struct cv_slice part, const uint8_t *data, size_t size) {
    assert(part.size == 0 || (part.data >= data && part.data + part.size <= data + size));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct cv_rtp rtp, original, again;
    if (cv_rtp_parse(cv_slice_of(data, size), &rtp) != CV_OK)
        return 0;
    assert(rtp.header_bytes + rtp.payload.size + rtp.padding_bytes == size);
    assert_inside(rtp.csrcs, data, size);
    assert_inside(rtp.extensions, data, size);
    assert_inside(rtp.payload, data, size);
    if (cv_rtx_unwrap(&rtp, 96, 1, &original) == CV_OK)
        assert_inside(original.payload, data, size);

    struct cv_rtp_element elements[CV_RTP_MAX_BYTES], element;
    size_t count = 0, offset = 0;
    while (cv_rtp_next_element(&rtp, &offset, &element)) {
        assert(element.id != 0);
        assert_inside(element.value, data, size);
        elements[count++] = element;
    }
    uint8_t header[2 * CV_RTP_MAX_BYTES];
    size_t header_size;
    assert(cv_rtp_write_header(&rtp, rtp.csrc_count, elements, count, header, sizeof header,
                               &header_size) == CV_OK);
    if (header_size > CV_RTP_MAX_BYTES)
        return 0;
    assert(cv_rtp_parse(cv_slice_of(header, header_size), &again) == CV_OK);
    assert(again.sequence == rtp.sequence && again.ssrc == rtp.ssrc &&
           again.timestamp == rtp.timestamp && again.marker == rtp.marker);
    offset = 0;
    for (size_t i = 0; i < count; i++) {
        assert(cv_rtp_next_element(&again, &offset, &element));
        assert(element.id == elements[i].id && cv_slice_eq(element.value, elements[i].value));
    }
    assert(!cv_rtp_next_element(&again, &offset, &element));
    return 0;
}
