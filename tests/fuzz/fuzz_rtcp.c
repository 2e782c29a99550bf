/* SPDX-License-Identifier: Apache-2.0 */
/* RTCP: every reader over every packet of a compound; what the readers give is written again. */
#include "media/twcc.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_feedback(const struct cv_rtcp_packet *packet, struct cv_rtcp_writer *writer) {
    struct cv_rtcp_feedback feedback;
    uint16_t sequence, sequences[64];
    uint32_t ssrc;
    uint8_t command;
    int64_t bitrate_bps;
    size_t place = 0, count = 0;
    if (cv_rtcp_read_feedback(packet, &feedback) != CV_OK)
        return;
    while (cv_rtcp_next_nack(&feedback, &place, &sequence))
        if (count < 64)
            sequences[count++] = sequence;
    cv_rtcp_add_nack(writer, feedback.sender, feedback.media, sequences, count);
    place = 0;
    while (cv_rtcp_next_fir(&feedback, &place, &ssrc, &command))
        cv_rtcp_add_pli(writer, ssrc, command);
    if (cv_rtcp_read_remb(&feedback, &bitrate_bps) == CV_OK)
        assert(bitrate_bps >= 0);

    struct cv_twcc_reader reader;
    struct cv_twcc_status status;
    static struct cv_twcc_recorder recorder;
    if (cv_twcc_read(feedback.control, &reader) != CV_OK)
        return;
    uint16_t statuses = reader.statuses_left;
    for (; statuses > 0; statuses--) {
        assert(cv_twcc_next(&reader, &status));
        if (status.received && status.arrival_us > 0)
            cv_twcc_record(&recorder, status.sequence, status.arrival_us);
    }
    assert(!cv_twcc_next(&reader, &status));
    cv_twcc_report(&recorder, writer, 1, 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct cv_slice compound = cv_slice_of(data, size);
    struct cv_rtcp_packet packet;
    struct cv_rtcp_writer writer;
    uint8_t out[CV_RTCP_MAX_BYTES];
    size_t offset = 0;
    if (cv_rtcp_check(compound) != CV_OK)
        return 0;
    cv_rtcp_begin(&writer, out, sizeof out);
    while (cv_rtcp_next(compound, &offset, &packet)) {
        struct cv_rtcp_report reports[CV_RTCP_MAX_REPORTS];
        struct cv_rtcp_sender_report sr;
        uint32_t sender;
        size_t count;
        if (cv_rtcp_read_reports(&packet, &sender, reports, &count) == CV_OK)
            cv_rtcp_add_rr(&writer, sender, reports, count);
        if (cv_rtcp_read_sr(&packet, &sr) == CV_OK)
            cv_rtcp_add_sr(&writer, &sr, NULL, 0);
        read_feedback(&packet, &writer);
    }
    assert(offset == size);
    assert(writer.size == 0 || cv_rtcp_check(cv_slice_of(out, writer.size)) == CV_OK);
    return 0;
}
