/* SPDX-License-Identifier: Apache-2.0 */
/* Payload and dependency descriptors: the first byte chooses the codec, or the latter. */
#include "media/layers.h"
#include "media/svc.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is passed on says what came, but for the mask. */
static void compare(struct cv_slice original, const uint8_t *out, size_t size, bool masked,
                    const struct cv_dependency_structure *structure) {
    struct cv_dependency before, after;
    struct cv_dependency_structure one = *structure, other = *structure;
    assert(cv_dependency_read(original, &one, &before) == CV_OK);
    assert(cv_dependency_read(cv_slice_of(out, size), &other, &after) == CV_OK);
    assert(after.dtis == before.dtis && after.frame_number == before.frame_number);
    assert(after.spatial == before.spatial && after.temporal == before.temporal);
    assert(memcmp(&one, &other, sizeof one) == 0);
    assert(!masked || after.has_active);
}

static void read_dependencies(struct cv_slice input) {
    static struct cv_svc svc;
    uint64_t number = UINT64_C(1) << 32;
    svc = (struct cv_svc){0};
    while (input.size >
           1) { /* each behind its size and a step of its number, as a stream has many */
        size_t size = input.data[0] < input.size - 1 ? input.data[0] : input.size - 2;
        struct cv_slice one = cv_slice_of(input.data + 2, size);
        uint8_t out[CV_DEPENDENCY_MAX_BYTES];
        uint16_t active_bit = 0;
        struct cv_svc_packet packet;
        number = number + input.data[1] % 16 - 7;
        input.data += 2 + size;
        input.size -= 2 + size;
        if (cv_svc_take(&svc, one, number, out, &size, &active_bit, &packet) != CV_OK)
            continue;
        const struct cv_dependency_structure *structure = &svc.structure;
        assert(structure->target_count > 0 && svc.active != 0);
        assert(structure->template_count <= CV_DEPENDENCY_MAX_TEMPLATES);
        assert((active_bit == 0) == (structure->target_count == 1) || size == one.size);
        compare(one, out, size, active_bit > 0, structure);
        for (unsigned from = 0; from < CV_SVC_BOUNDS; from++) {
            unsigned to = number % CV_SVC_BOUNDS;
            assert(svc.targets[from] < structure->target_count);
            assert(svc.decodable[from] >> svc.targets[from] & 1 ||
                   !(svc.active >> svc.targets[from] & 1));
            assert(cv_svc_choose(&svc, &packet.mark, from, to, number & 1) < CV_SVC_BOUNDS);
            (void)cv_svc_needs_key_frame(&svc, from, to);
        }
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
