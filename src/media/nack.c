/* SPDX-License-Identifier: Apache-2.0 */
#include "media/nack.h"

/* A jump of more than this is another stream's beginning, not a loss. */
enum { MAX_JUMP = 3000, MAX_AGE_MS = CV_NACK_MAX_AGE_US / CV_US_PER_MS };

/* How far `a` is ahead of `b`, modulo 2^16. */
static int16_t ahead(uint16_t a, uint16_t b) {
    return (int16_t)(uint16_t)(a - b);
}

static uint16_t milliseconds(int64_t time_us) {
    return (uint16_t)(time_us / CV_US_PER_MS);
}

/* The time since then, which is less than a minute ago. */
static uint16_t milliseconds_since(uint16_t then_ms, int64_t now_us) {
    return (uint16_t)(milliseconds(now_us) - then_ms);
}

static void remove_first(struct cv_nack *nack, size_t count) {
    nack->missing_count = (uint16_t)(nack->missing_count - count);
    memmove(&nack->missing[0], &nack->missing[count],
            nack->missing_count * sizeof nack->missing[0]);
}

static void give_up_first(struct cv_nack *nack, size_t count) {
    if (count == 0)
        return;
    nack->given_up += (uint32_t)count;
    nack->wants_key_frame = true;
    remove_first(nack, count);
}

/* The place of the first that is missing from this number on. */
static size_t find(const struct cv_nack *nack, uint16_t sequence) {
    size_t low = 0, high = nack->missing_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (ahead(nack->missing[middle].sequence, sequence) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_missing(const struct cv_nack *nack, size_t place, uint16_t sequence) {
    return place < nack->missing_count && nack->missing[place].sequence == sequence;
}

static enum cv_nack_arrival fill(struct cv_nack *nack, uint16_t sequence) {
    size_t place = find(nack, sequence);
    if (!is_missing(nack, place, sequence))
        return CV_NACK_OLD;
    nack->repaired += nack->missing[place].asked > 0;
    nack->missing_count--;
    memmove(&nack->missing[place], &nack->missing[place + 1],
            (nack->missing_count - place) * sizeof nack->missing[0]);
    return CV_NACK_FILLS;
}

/* Between the newest and `sequence` `gap` packets are missing. */
static void note_gap(struct cv_nack *nack, uint16_t sequence, size_t gap, int64_t now_us) {
    if (gap > CV_NACK_MAX_MISSING) {
        nack->given_up += (uint32_t)(gap - CV_NACK_MAX_MISSING);
        nack->wants_key_frame = true;
        gap = CV_NACK_MAX_MISSING;
    }
    if (nack->missing_count + gap > CV_NACK_MAX_MISSING)
        give_up_first(nack, nack->missing_count + gap - CV_NACK_MAX_MISSING);
    int64_t ask_at_us = gap >= CV_NACK_BIG_GAP ? now_us : now_us + CV_NACK_REORDER_US;
    for (; gap > 0; gap--)
        nack->missing[nack->missing_count++] = (struct cv_nack_missing){
            .sequence = (uint16_t)(sequence - gap),
            .missed_at_ms = milliseconds(now_us),
            .ask_at_us = ask_at_us,
        };
}

enum cv_nack_arrival cv_nack_received(struct cv_nack *nack, uint16_t sequence, int64_t now_us) {
    int step = nack->started ? ahead(sequence, nack->highest) : 1;
    if (step > MAX_JUMP || step < -MAX_JUMP) {
        nack->missing_count = 0;
        nack->wants_key_frame = true;
        step = 1;
    }
    if (step <= 0)
        return step == 0 ? CV_NACK_OLD : fill(nack, sequence);
    nack->started = true;
    nack->highest = sequence;
    if (step > 1)
        note_gap(nack, sequence, (size_t)step - 1, now_us);
    return CV_NACK_NEWEST;
}

void cv_nack_key_frame(struct cv_nack *nack, uint16_t sequence) {
    remove_first(nack, find(nack, sequence));
    nack->wants_key_frame = false;
}

static bool is_hopeless(const struct cv_nack_missing *missing, int64_t now_us) {
    return milliseconds_since(missing->missed_at_ms, now_us) >= MAX_AGE_MS ||
           (missing->asked >= CV_NACK_MAX_ASKS && now_us >= missing->ask_at_us);
}

/*
 * Which asking was answered isn't said (Karn's problem). The time since the first is an upper
 * bound: with a tenth of all answers lost, the average is a seventh too high, and who was asked
 * too soon and too often is soon asked later.
 */
void cv_nack_answered(struct cv_nack *nack, uint16_t sequence, int64_t now_us) {
    size_t place = find(nack, sequence);
    if (!is_missing(nack, place, sequence) || nack->missing[place].asked == 0)
        return;
    const struct cv_nack_missing *missing = &nack->missing[place];
    int64_t known_us = nack->round_trip_us;
    int64_t took_us = milliseconds_since(missing->asked_at_ms, now_us) * CV_US_PER_MS;
    nack->round_trip_us = (uint32_t)(known_us ? known_us + (took_us - known_us) / 8 : took_us);
}

size_t cv_nack_ask(struct cv_nack *nack, int64_t now_us, int64_t round_trip_us,
                   uint16_t *ret_sequences, size_t capacity) {
    /* Gaps age in order, and everything before a hole that stays is lost for the decoder. */
    size_t hopeless = nack->missing_count;
    while (hopeless > 0 && !is_hopeless(&nack->missing[hopeless - 1], now_us))
        hopeless--;
    give_up_first(nack, hopeless);
    if (nack->round_trip_us > 0)
        round_trip_us = nack->round_trip_us;
    int64_t repeat_us = round_trip_us + round_trip_us / 4;
    if (repeat_us < CV_NACK_MIN_REPEAT_US)
        repeat_us = CV_NACK_MIN_REPEAT_US;
    size_t count = 0;
    for (size_t i = 0; i < nack->missing_count && count < capacity; i++) {
        struct cv_nack_missing *missing = &nack->missing[i];
        if (now_us < missing->ask_at_us)
            continue;
        ret_sequences[count++] = missing->sequence;
        if (missing->asked == 0) {
            missing->asked_at_ms = milliseconds(now_us);
            nack->requested++;
        }
        missing->asked++;
        missing->ask_at_us = now_us + repeat_us;
    }
    return count;
}

int64_t cv_nack_deadline(const struct cv_nack *nack) {
    int64_t deadline_us = CV_TIME_NEVER;
    for (size_t i = 0; i < nack->missing_count; i++)
        if (nack->missing[i].ask_at_us < deadline_us)
            deadline_us = nack->missing[i].ask_at_us;
    return deadline_us;
}
