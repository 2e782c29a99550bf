/* SPDX-License-Identifier: Apache-2.0 */
#include "media/twcc.h"

enum {
    HEADER_BYTES = 8,
    CHUNK_BYTES = 2,
    TICK_US = 250,
    REFERENCE_US = 64000,
    VECTOR_STATUSES = 7, /* of two bits */
    MAX_RUN = 0x1fff,
};

/* A chunk for every seven statuses, two bytes of delta each, padding: the worst case of a report.
 */
enum {
    MAX_BODY_BYTES =
        HEADER_BYTES + (CV_TWCC_WINDOW / VECTOR_STATUSES + 1) * CHUNK_BYTES + 2 * CV_TWCC_WINDOW + 3
};
_Static_assert(MAX_BODY_BYTES + 12 <= CV_RTCP_MAX_BYTES, "a report fits an empty writer");

/* Status symbols */
enum { NOT_RECEIVED = 0, SMALL_DELTA = 1, LARGE_DELTA = 2, RESERVED = 3 };

/* How many statuses a chunk holds: a run, fourteen of one bit or seven of two. */
static uint16_t chunk_statuses(uint16_t chunk) {
    if (!(chunk & 0x8000))
        return chunk & MAX_RUN;
    return chunk & 0x4000 ? VECTOR_STATUSES : 2 * VECTOR_STATUSES;
}

/* The symbol with `left` statuses to go in its chunk, this one included. */
static unsigned symbol_of(uint16_t chunk, uint16_t left) {
    if (!(chunk & 0x8000))
        return chunk >> 13 & 3;
    if (chunk & 0x4000)
        return chunk >> 2 * (left - 1) & 3;
    return chunk >> (left - 1) & 1;
}

/* Takes the next symbol; false when the chunks end before the statuses do. */
static bool next_symbol(struct cv_twcc_reader *reader, unsigned *ret_symbol) {
    while (reader->chunk_left == 0) {
        if (reader->chunks.size < CHUNK_BYTES)
            return false;
        reader->chunk = cv_get_be16(reader->chunks.data);
        reader->chunk_left = chunk_statuses(reader->chunk);
        reader->chunks.data += CHUNK_BYTES;
        reader->chunks.size -= CHUNK_BYTES;
    }
    *ret_symbol = symbol_of(reader->chunk, reader->chunk_left--);
    return true;
}

/* Walks the symbols of all statuses to find where the deltas begin, and whether they are there. */
static enum cv_err locate_deltas(struct cv_twcc_reader walk, struct cv_slice *ret_deltas) {
    size_t need = 0;
    for (uint16_t i = 0; i < walk.statuses_left; i++) {
        unsigned symbol;
        if (!next_symbol(&walk, &symbol) || symbol == RESERVED)
            return CV_ERR_SYNTAX;
        need += symbol; /* one byte for a small delta, two for a large one */
    }
    if (need > walk.chunks.size)
        return CV_ERR_SYNTAX;
    *ret_deltas = cv_slice_of(walk.chunks.data, need);
    return CV_OK;
}

enum cv_err cv_twcc_read(struct cv_slice control, struct cv_twcc_reader *ret_reader) {
    const uint8_t *p = control.data;
    if (control.size < HEADER_BYTES)
        return CV_ERR_SYNTAX;
    struct cv_twcc_reader reader = {
        .next_sequence = cv_get_be16(p),
        .statuses_left = cv_get_be16(p + 2),
        .arrival_us = (int64_t)cv_get_be24(p + 4) * REFERENCE_US,
        .chunks = cv_slice_of(p + HEADER_BYTES, control.size - HEADER_BYTES),
    };
    if (reader.statuses_left > CV_TWCC_MAX_STATUSES)
        return CV_ERR_LIMIT;
    enum cv_err err = locate_deltas(reader, &reader.deltas);
    if (err)
        return err;
    *ret_reader = reader;
    return CV_OK;
}

bool cv_twcc_next(struct cv_twcc_reader *reader, struct cv_twcc_status *ret_status) {
    unsigned symbol;
    if (reader->statuses_left == 0 || !next_symbol(reader, &symbol))
        return false;
    reader->statuses_left--;
    if (symbol != NOT_RECEIVED) {
        const uint8_t *p = reader->deltas.data;
        int32_t ticks = symbol == SMALL_DELTA ? p[0] : (int16_t)cv_get_be16(p);
        reader->arrival_us += (int64_t)ticks * TICK_US;
        reader->deltas.data += symbol;
        reader->deltas.size -= symbol;
    }
    *ret_status = (struct cv_twcc_status){
        .sequence = reader->next_sequence++,
        .received = symbol != NOT_RECEIVED,
        .arrival_us = reader->arrival_us,
    };
    return true;
}

static int64_t *arrival_of(struct cv_twcc_recorder *recorder, uint64_t sequence) {
    return &recorder->arrivals_us[sequence % CV_TWCC_WINDOW];
}

void cv_twcc_record(struct cv_twcc_recorder *recorder, uint16_t sequence, int64_t now_us) {
    if (!recorder->started) {
        /* One cycle up, so that packets a little older than the first don't fall below zero. */
        recorder->base = recorder->end = UINT64_C(65536) + sequence;
        recorder->started = true;
    }
    uint64_t extended =
        recorder->end + (uint64_t)(int64_t)(int16_t)(sequence - (uint16_t)recorder->end);
    if (extended < recorder->base)
        return;
    if (extended >= recorder->base + CV_TWCC_WINDOW) {
        uint64_t base = extended + 1 - CV_TWCC_WINDOW;
        uint64_t clear_to = base < recorder->end ? base : recorder->end;
        for (uint64_t s = recorder->base; s < clear_to; s++)
            *arrival_of(recorder, s) = 0;
        recorder->base = base;
    }
    if (extended >= recorder->end)
        recorder->end = extended + 1;
    int64_t *arrival_us = arrival_of(recorder, extended);
    if (*arrival_us == 0)
        *arrival_us = now_us;
}

/* Time in ticks of 250 us since the epoch of the receiver's clock. */
static int64_t ticks_of(int64_t arrival_us) {
    return arrival_us / TICK_US;
}

static unsigned symbol_for(int64_t ticks, int64_t last_ticks) {
    int64_t delta = ticks - last_ticks;
    return delta >= 0 && delta <= UINT8_MAX ? SMALL_DELTA : LARGE_DELTA;
}

/*
 * The symbols and ticks from `base` on, until `end` or a delta that no 16 bits hold (a pause of
 * 8 s): the next report starts with a new reference time there. Returns how many.
 */
static size_t collect(struct cv_twcc_recorder *recorder, int64_t reference_ticks,
                      uint8_t symbols[static CV_TWCC_WINDOW],
                      int16_t deltas[static CV_TWCC_WINDOW]) {
    size_t count = 0;
    int64_t last = reference_ticks;
    for (uint64_t s = recorder->base; s < recorder->end && count < CV_TWCC_WINDOW; s++, count++) {
        int64_t arrival_us = *arrival_of(recorder, s);
        symbols[count] = NOT_RECEIVED;
        if (arrival_us == 0)
            continue;
        int64_t ticks = ticks_of(arrival_us);
        if (ticks - last > INT16_MAX || ticks - last < INT16_MIN)
            break;
        symbols[count] = (uint8_t)symbol_for(ticks, last);
        deltas[count] = (int16_t)(ticks - last);
        last = ticks;
    }
    /* A report ends with a packet that arrived. */
    while (count > 0 && symbols[count - 1] == NOT_RECEIVED)
        count--;
    return count;
}

static size_t run_length(const uint8_t *symbols, size_t at, size_t count) {
    size_t run = 1;
    while (at + run < count && symbols[at + run] == symbols[at])
        run++;
    return run;
}

/* Writes the chunk that starts at `at` and returns how many symbols it took. */
static size_t write_chunk(const uint8_t *symbols, size_t at, size_t count, uint8_t *out) {
    size_t run = run_length(symbols, at, count);
    if (run > VECTOR_STATUSES || at + run == count) {
        cv_put_be16(out, (uint16_t)(symbols[at] << 13 | run));
        return run;
    }
    uint16_t chunk = 0xc000;
    size_t taken = count - at < VECTOR_STATUSES ? count - at : VECTOR_STATUSES;
    for (size_t i = 0; i < taken; i++)
        chunk = (uint16_t)(chunk | symbols[at + i] << 2 * (VECTOR_STATUSES - 1 - i));
    cv_put_be16(out, chunk);
    return taken;
}

static size_t write_body(const uint8_t *symbols, const int16_t *deltas, size_t count,
                         uint8_t *out) {
    uint8_t *p = out;
    for (size_t at = 0; at < count; p += CHUNK_BYTES)
        at += write_chunk(symbols, at, count, p);
    for (size_t i = 0; i < count; i++) {
        if (symbols[i] == SMALL_DELTA) {
            *p++ = (uint8_t)deltas[i];
        } else if (symbols[i] == LARGE_DELTA) {
            cv_put_be16(p, (uint16_t)deltas[i]);
            p += 2;
        }
    }
    while ((p - out) % 4 != 0)
        *p++ = 0;
    return (size_t)(p - out);
}

bool cv_twcc_report(struct cv_twcc_recorder *recorder, struct cv_rtcp_writer *writer,
                    uint32_t sender, uint32_t media) {
    uint8_t symbols[CV_TWCC_WINDOW];
    int16_t deltas[CV_TWCC_WINDOW];
    uint8_t body[MAX_BODY_BYTES];
    uint64_t first = recorder->base;
    while (first < recorder->end && *arrival_of(recorder, first) == 0)
        first++;
    if (first == recorder->end)
        return false;
    /* What is missing before the first arrival is reported too: as lost. */
    int64_t reference = *arrival_of(recorder, first) / REFERENCE_US;
    size_t count = collect(recorder, reference * (REFERENCE_US / TICK_US), symbols, deltas);
    cv_put_be16(body, (uint16_t)recorder->base);
    cv_put_be16(body + 2, (uint16_t)count);
    cv_put_be32(body + 4, (uint32_t)reference << 8 | recorder->feedback_count);
    size_t size = HEADER_BYTES + write_body(symbols, deltas, count, body + HEADER_BYTES);
    uint8_t *out =
        cv_rtcp_reserve_feedback(writer, CV_RTCP_RTPFB, CV_RTPFB_TWCC, sender, media, size);
    if (!out)
        return false;
    memcpy(out, body, size);
    recorder->feedback_count++;
    for (size_t i = 0; i < count; i++)
        *arrival_of(recorder, recorder->base++) = 0;
    return true;
}
