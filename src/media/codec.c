/* SPDX-License-Identifier: Apache-2.0 */
#include "media/codec.h"

static const struct {
    enum cv_media_kind kind;
    uint32_t clock_hz;
    const char *name;
} codecs[] = {
    [CV_CODEC_NONE] = {CV_MEDIA_OTHER, 0, "none"},
    [CV_CODEC_OPUS] = {CV_MEDIA_AUDIO, 48000, "opus"},
    [CV_CODEC_RED] = {CV_MEDIA_AUDIO, 48000, "red"},
    [CV_CODEC_VP8] = {CV_MEDIA_VIDEO, 90000, "VP8"},
    [CV_CODEC_VP9] = {CV_MEDIA_VIDEO, 90000, "VP9"},
    [CV_CODEC_H264] = {CV_MEDIA_VIDEO, 90000, "H264"},
    [CV_CODEC_AV1] = {CV_MEDIA_VIDEO, 90000, "AV1"},
    [CV_CODEC_RTX] = {CV_MEDIA_VIDEO, 90000, "rtx"},
};

enum cv_codec cv_codec_by_name(enum cv_media_kind kind, struct cv_slice name, uint32_t clock_hz) {
    for (size_t i = 1; i < sizeof codecs / sizeof *codecs; i++)
        if (codecs[i].kind == kind && codecs[i].clock_hz == clock_hz &&
            cv_slice_eq_nocase(name, codecs[i].name))
            return (enum cv_codec)i;
    return CV_CODEC_NONE;
}

const char *cv_codec_name(enum cv_codec codec) {
    return codecs[codec].name;
}

uint32_t cv_codec_clock_hz(enum cv_codec codec) {
    return codecs[codec].clock_hz;
}
