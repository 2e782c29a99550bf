/* SPDX-License-Identifier: Apache-2.0 */
#include "media/speaker.h"

#include "base/time.h"

#include <math.h>
#include <stdlib.h>

/* Loudness is counted upwards from here on: 127 + dBov, so 0 is silence. */
enum { LOUDEST = 127 };

/* The places */
enum {
    AUDIBLE = 47,            /* -80 dBov: below it a microphone hears only itself */
    UNKNOWN = 72,            /* what a packet without a level counts as */
    NO_VOICE = 12,           /* taken off where the sender says that it is no voice */
    CLEARLY_LOUDER = 4,      /* than whose place it takes */
    FADE_PER_S = 60,         /* how quickly it is forgotten how loud somebody was */
    PLACE_HELD_US = 2000000, /* through a pause of this length, if nobody else needs it */
    PLACE_LEAST_US = 300000, /* nobody is put out before; words are not cut in pieces */
};

/* The active speaker */
enum {
    SPEECH = 67,                 /* -60 dBov */
    CHALLENGE_US = 300000,       /* so long somebody has to be clearly louder */
    ACTIVE_SILENCE_US = 5000000, /* after it nobody is the active speaker */
    MAX_STEP_US = 60000,         /* a packet speaks for no more than this (RFC 7587: 60 ms) */
    CHALLENGE_GAP_US = 500000,   /* who says nothing for so long begins again */
};
static const double rise_us = 400000; /* time constants of the mean loudness */
static const double fall_us = 1500000;
static const double clearly = 6; /* above the mean of the active speaker */
static const double enough = 8;  /* of the mean, to become the active speaker after nobody */

struct source {
    bool used;
    uint8_t loudness; /* of the loudest packet lately, at `loud_at_us` */
    uint32_t place;   /* CV_SPEAKER_NONE: not forwarded */
    int64_t loud_at_us;
    int64_t packet_at_us;
    int64_t audible_at_us; /* the last packet that could be heard */
    int64_t placed_at_us;
    int64_t challenges_at_us; /* since when it is clearly louder than the active one; 0: it isn't */
    double mean;              /* above SPEECH, at `mean_at_us` */
    int64_t mean_at_us;
};

struct cv_speaker {
    struct source *sources;
    size_t capacity;
    size_t place_count;
    uint32_t places[CV_SPEAKER_MAX_PLACES];
    uint32_t active;
    int64_t active_heard_us; /* the last time that the active one spoke */
};

struct cv_speaker *cv_speaker_new(size_t places) {
    struct cv_speaker *speaker = calloc(1, sizeof *speaker);
    if (!speaker)
        return NULL;
    speaker->place_count = places > CV_SPEAKER_MAX_PLACES ? CV_SPEAKER_MAX_PLACES : places;
    for (size_t i = 0; i < CV_SPEAKER_MAX_PLACES; i++)
        speaker->places[i] = CV_SPEAKER_NONE;
    speaker->active = CV_SPEAKER_NONE;
    return speaker;
}

struct cv_speaker *cv_speaker_free(struct cv_speaker *speaker) {
    if (speaker)
        free(speaker->sources);
    free(speaker);
    return NULL;
}

static struct source *source_of(const struct cv_speaker *speaker, uint32_t source) {
    if (source >= speaker->capacity || !speaker->sources[source].used)
        return NULL;
    return &speaker->sources[source];
}

static enum cv_err grow(struct cv_speaker *speaker) {
    if (speaker->capacity >= CV_SPEAKER_MAX_SOURCES)
        return CV_ERR_FULL;
    size_t capacity = speaker->capacity ? 2 * speaker->capacity : 8;
    struct source *sources = reallocarray(speaker->sources, capacity, sizeof *sources);
    if (!sources)
        return CV_ERR_MEMORY;
    for (size_t i = speaker->capacity; i < capacity; i++)
        sources[i] = (struct source){.place = CV_SPEAKER_NONE};
    speaker->sources = sources;
    speaker->capacity = capacity;
    return CV_OK;
}

enum cv_err cv_speaker_add(struct cv_speaker *speaker, uint32_t *ret_source) {
    size_t i = 0;
    while (i < speaker->capacity && speaker->sources[i].used)
        i++;
    if (i == speaker->capacity) {
        enum cv_err err = grow(speaker);
        if (err)
            return err;
    }
    speaker->sources[i] = (struct source){.used = true, .place = CV_SPEAKER_NONE};
    *ret_source = (uint32_t)i;
    return CV_OK;
}

static void leave_place(struct cv_speaker *speaker, struct source *source) {
    if (source->place != CV_SPEAKER_NONE)
        speaker->places[source->place] = CV_SPEAKER_NONE;
    source->place = CV_SPEAKER_NONE;
}

void cv_speaker_silence(struct cv_speaker *speaker, uint32_t number) {
    struct source *source = source_of(speaker, number);
    if (!source)
        return;
    leave_place(speaker, source);
    if (speaker->active == number)
        speaker->active = CV_SPEAKER_NONE;
    *source = (struct source){.used = true, .place = CV_SPEAKER_NONE};
}

void cv_speaker_remove(struct cv_speaker *speaker, uint32_t number) {
    cv_speaker_silence(speaker, number);
    if (number < speaker->capacity)
        speaker->sources[number].used = false;
}

/* How loud it was lately, fading with time. */
static int faded(const struct source *source, int64_t now_us) {
    int64_t elapsed_us = now_us - source->loud_at_us;
    if (elapsed_us >= LOUDEST * CV_US_PER_S / FADE_PER_S)
        return 0;
    int loudness = source->loudness - (int)(elapsed_us * FADE_PER_S / CV_US_PER_S);
    return loudness > 0 ? loudness : 0;
}

/* A free place, or that of the quietest if it is clearly quieter; CV_SPEAKER_NONE. */
static uint32_t find_place(const struct cv_speaker *speaker, int loudness, int64_t now_us) {
    uint32_t found = CV_SPEAKER_NONE;
    for (uint32_t i = 0; i < speaker->place_count; i++) {
        if (speaker->places[i] == CV_SPEAKER_NONE)
            return i;
        const struct source *holder = &speaker->sources[speaker->places[i]];
        if (now_us - holder->placed_at_us < PLACE_LEAST_US)
            continue;
        int theirs = faded(holder, now_us);
        if (theirs + CLEARLY_LOUDER <= loudness) {
            loudness = theirs + CLEARLY_LOUDER - 1;
            found = i;
        }
    }
    return found;
}

static void take_place(struct cv_speaker *speaker, uint32_t number, int loudness, int64_t now_us) {
    struct source *source = &speaker->sources[number];
    if (loudness < AUDIBLE)
        return;
    source->audible_at_us = now_us;
    if (source->place != CV_SPEAKER_NONE)
        return;
    uint32_t place = find_place(speaker, loudness, now_us);
    if (place == CV_SPEAKER_NONE)
        return;
    if (speaker->places[place] != CV_SPEAKER_NONE)
        leave_place(speaker, &speaker->sources[speaker->places[place]]);
    speaker->places[place] = number;
    source->place = place;
    source->placed_at_us = now_us;
}

/* The mean is moved on lazily: between packets somebody is as good as silent. */
static double mean_at(const struct source *source, int64_t now_us) {
    return source->mean * exp(-(double)(now_us - source->mean_at_us) / fall_us);
}

static void update_mean(struct source *source, int loudness, int64_t now_us) {
    double above = loudness > SPEECH ? loudness - SPEECH : 0;
    int64_t step_us = now_us - source->packet_at_us;
    double mean = mean_at(source, now_us);
    if (step_us > MAX_STEP_US)
        step_us = MAX_STEP_US;
    if (above > source->mean)
        mean = source->mean + (above - source->mean) * (1 - exp(-(double)step_us / rise_us));
    source->mean = mean;
    source->mean_at_us = now_us;
}

static void become_active(struct cv_speaker *speaker, uint32_t number, int64_t now_us) {
    speaker->active = number;
    speaker->active_heard_us = now_us;
    speaker->sources[number].challenges_at_us = 0;
}

static void update_active(struct cv_speaker *speaker, uint32_t number, int loudness,
                          int64_t now_us) {
    struct source *source = &speaker->sources[number];
    update_mean(source, loudness, now_us);
    if (speaker->active == number) {
        if (loudness >= SPEECH)
            speaker->active_heard_us = now_us;
        return;
    }
    if (speaker->active == CV_SPEAKER_NONE) {
        if (source->mean >= enough)
            become_active(speaker, number, now_us);
        return;
    }
    double active = mean_at(&speaker->sources[speaker->active], now_us);
    if (source->mean < active + clearly || now_us - source->packet_at_us > CHALLENGE_GAP_US)
        source->challenges_at_us = 0;
    else if (source->challenges_at_us == 0)
        source->challenges_at_us = now_us;
    else if (now_us - source->challenges_at_us >= CHALLENGE_US)
        become_active(speaker, number, now_us);
}

uint32_t cv_speaker_packet(struct cv_speaker *speaker, uint32_t number, uint8_t level, bool voice,
                           int64_t now_us) {
    struct source *source = source_of(speaker, number);
    if (!source)
        return CV_SPEAKER_NONE;
    bool unknown = level == CV_SPEAKER_LEVEL_UNKNOWN;
    int loudness = unknown ? UNKNOWN : LOUDEST - (level > LOUDEST ? LOUDEST : level);
    if (!unknown && !voice)
        loudness = loudness > NO_VOICE ? loudness - NO_VOICE : 0;
    take_place(speaker, number, loudness, now_us);
    if (loudness >= faded(source, now_us)) {
        source->loudness = (uint8_t)loudness;
        source->loud_at_us = now_us;
    }
    if (!unknown)
        update_active(speaker, number, loudness, now_us);
    source->packet_at_us = now_us;
    return source->place;
}

uint32_t cv_speaker_at(const struct cv_speaker *speaker, size_t place) {
    return place < speaker->place_count ? speaker->places[place] : CV_SPEAKER_NONE;
}

uint32_t cv_speaker_place(const struct cv_speaker *speaker, uint32_t number) {
    const struct source *source = source_of(speaker, number);
    return source ? source->place : CV_SPEAKER_NONE;
}

uint32_t cv_speaker_active(const struct cv_speaker *speaker) {
    return speaker->active;
}

int64_t cv_speaker_deadline(const struct cv_speaker *speaker) {
    int64_t deadline_us = CV_TIME_NEVER;
    if (speaker->active != CV_SPEAKER_NONE)
        deadline_us = speaker->active_heard_us + ACTIVE_SILENCE_US;
    for (size_t i = 0; i < speaker->place_count; i++) {
        if (speaker->places[i] == CV_SPEAKER_NONE)
            continue;
        int64_t until_us = speaker->sources[speaker->places[i]].audible_at_us + PLACE_HELD_US;
        if (until_us < deadline_us)
            deadline_us = until_us;
    }
    return deadline_us;
}

void cv_speaker_tick(struct cv_speaker *speaker, int64_t now_us) {
    if (speaker->active != CV_SPEAKER_NONE &&
        now_us - speaker->active_heard_us >= ACTIVE_SILENCE_US)
        speaker->active = CV_SPEAKER_NONE;
    for (size_t i = 0; i < speaker->place_count; i++) {
        if (speaker->places[i] == CV_SPEAKER_NONE)
            continue;
        struct source *holder = &speaker->sources[speaker->places[i]];
        if (now_us - holder->audible_at_us >= PLACE_HELD_US)
            leave_place(speaker, holder);
    }
}
