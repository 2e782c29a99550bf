/* SPDX-License-Identifier: Apache-2.0 */
/* Payload and dependency descriptors: the first byte chooses the codec, or the latter. */
#include "media/dependency.h"
#include "media/layers.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_dependencies(struct cv_slice input) {
    struct cv_dependency_structure structure = {0};
    struct cv_dependency dependency;
    while (input.size > 0) { /* each behind its size, as a stream has many */
        size_t size = input.data[0] < input.size ? input.data[0] : input.size - 1;
        struct cv_slice one = cv_slice_of(input.data + 1, size);
        input.data += 1 + size;
        input.size -= 1 + size;
        if (cv_dependency_read(one, &structure, &dependency) != CV_OK)
            continue;
        assert(structure.template_count <= CV_DEPENDENCY_MAX_TEMPLATES);
        int target = cv_dependency_target(&structure, dependency.spatial, dependency.temporal);
        assert(target < structure.target_count);
        if (target >= 0)
            assert(structure.target_spatial[target] <= dependency.spatial);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const enum cv_codec codecs[] = {CV_CODEC_VP8, CV_CODEC_VP9, CV_CODEC_H264, CV_CODEC_AV1};
    struct cv_layer_info info, again;
    if (size == 0)
        return 0;
    struct cv_slice payload = cv_slice_of(data + 1, size - 1);
    if (data[0] % 5 == 4) {
        read_dependencies(payload);
        return 0;
    }
    enum cv_codec codec = codecs[data[0] % 5];
    if (cv_layers_read(codec, payload, &info) != CV_OK || codec != CV_CODEC_VP8 || size > 2000)
        return 0;
    uint8_t copy[2048];
    size_t head = cv_vp8_write_descriptor(payload, 0x1234, 0x56, copy);
    assert(head <= payload.size);
    memcpy(copy + head, payload.data + head, payload.size - head);
    assert(cv_layers_read(codec, cv_slice_of(copy, payload.size), &again) == CV_OK);
    assert(again.has_picture_id == info.has_picture_id && again.has_tl0 == info.has_tl0);
    assert(!again.has_picture_id ||
           again.picture_id == (again.picture_id_bits == 15 ? 0x1234 : 0x34));
    assert(!again.has_tl0 || again.tl0 == 0x56);
    assert(again.key_frame == info.key_frame && again.temporal == info.temporal);
    return 0;
}
