/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The clock: what the kernel knows of it, and how far it is from a time server. Only a server that
 * was named is asked: one that we chose would learn of every examination.
 */
#include "cli/doctor.h"
#include "cli/net.h"

#include <errno.h>
#include <inttypes.h>
#include <openssl/rand.h>
#include <string.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

/* RFC 5905 section 7.3: the packet, and where in it the fields are that we read */
enum {
    NTP_BYTES = 48,
    NTP_CLIENT = 4 << 3 | 3, /* version 4, mode 3 */
    NTP_MODE_SERVER = 4,
    NTP_LEAP_UNSYNCHRONISED = 3,
    NTP_STRATUM_MAX = 15,
    NTP_AT_ORIGIN = 24,
    NTP_AT_RECEIVED = 32,
    NTP_AT_SENT = 40,
    NTP_TIMESTAMP_BYTES = 8,
};

#define NTP_UNIX_EPOCH_S UINT32_C(2208988800)
#define SECOND_US INT64_C(1000000)
/* From a second on records tell it wrong; from a minute on sign-ins by other servers fail. */
#define OFF_US SECOND_US
#define LOST_US (60 * SECOND_US)

static const char set_clock_advice[] =
    "Run a time service (systemd-timesyncd or chrony), and see with timedatectl that it has set "
    "the clock: access windows, certificates and TURN passwords go by it.";

static void ask_kernel(struct cv_doctor *doctor) {
    struct timex clock = {0};
    int state = adjtimex(&clock);
    if (state < 0)
        cv_doctor_file(doctor, CV_DOCTOR_WARN, "clock",
                       "Check with timedatectl that the time is right.",
                       "the kernel doesn't tell whether the clock is set: %s", strerror(errno));
    else if (state == TIME_ERROR || (clock.status & STA_UNSYNC))
        cv_doctor_file(doctor, CV_DOCTOR_WARN, "clock", set_clock_advice,
                       "not synchronised with a time server");
    else
        cv_doctor_file(doctor, CV_DOCTOR_OK, "clock", NULL, "synchronised, at most %ld ms off",
                       (long)(clock.maxerror / 1000));
}

static int64_t now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * SECOND_US + now.tv_nsec / 1000;
}

/* RFC 5905 section 6: seconds since 1900 and a fraction; taken as of the years 1970 to 2106. */
static int64_t timestamp_us(const uint8_t *at) {
    uint32_t seconds = cv_get_be32(at) - NTP_UNIX_EPOCH_S;
    return seconds * SECOND_US + (int64_t)((cv_get_be32(at + 4) * (uint64_t)SECOND_US) >> 32);
}

/*
 * Asks once (RFC 5905 section 8). *ret_offset_us is what has to be added to our clock, right to
 * *ret_margin_us either way. The request tells nothing of our clock: where the time of sending goes
 * stands a number made up for it, which the answer has to repeat.
 */
static enum cv_err ask_ntp(int fd, int64_t *ret_offset_us, int64_t *ret_margin_us) {
    uint8_t request[NTP_BYTES] = {NTP_CLIENT}, answer[NTP_BYTES * 4];
    size_t size;
    if (RAND_bytes(request + NTP_AT_SENT, NTP_TIMESTAMP_BYTES) != 1)
        return CV_ERR_SYSTEM;
    int64_t sent_us = now_us();
    enum cv_err err =
        cv_cli_udp_ask(fd, cv_slice_of(request, sizeof request), answer, sizeof answer, &size);
    int64_t back_us = now_us();
    if (err)
        return err;
    if (size < NTP_BYTES || (answer[0] & 7) != NTP_MODE_SERVER ||
        answer[0] >> 6 == NTP_LEAP_UNSYNCHRONISED || answer[1] == 0 ||
        answer[1] > NTP_STRATUM_MAX ||
        memcmp(answer + NTP_AT_ORIGIN, request + NTP_AT_SENT, NTP_TIMESTAMP_BYTES) != 0)
        return CV_ERR_SYNTAX;
    int64_t there_us = timestamp_us(answer + NTP_AT_RECEIVED);
    int64_t answered_us = timestamp_us(answer + NTP_AT_SENT);
    *ret_offset_us = (there_us - sent_us + answered_us - back_us) / 2;
    *ret_margin_us = (back_us - sent_us) / 2;
    return CV_OK;
}

static void judge_offset(struct cv_doctor *doctor, int64_t offset_us, int64_t margin_us) {
    int64_t distance_us = offset_us < 0 ? -offset_us : offset_us;
    if (distance_us - margin_us < OFF_US)
        cv_doctor_file(doctor, CV_DOCTOR_OK, "time", NULL, "within %" PRId64 " ms of what %s says",
                       (distance_us + margin_us) / 1000 + 1, doctor->ntp);
    else
        cv_doctor_file(doctor, distance_us - margin_us < LOST_US ? CV_DOCTOR_WARN : CV_DOCTOR_FAIL,
                       "time", set_clock_advice,
                       "this machine's clock is %" PRId64 " s %s what %s says",
                       (distance_us + SECOND_US / 2) / SECOND_US,
                       offset_us < 0 ? "ahead of" : "behind", doctor->ntp);
}

static void compare_time(struct cv_doctor *doctor) {
    char host[CV_CLI_HOST_BYTES], port[CV_CLI_PORT_BYTES];
    int64_t offset_us, margin_us;
    cv_cli_split_address(doctor->ntp, "123", host, port);
    int fd = cv_cli_udp_open(host, port);
    enum cv_err err = fd < 0 ? CV_ERR_NOT_FOUND : ask_ntp(fd, &offset_us, &margin_us);
    if (fd >= 0)
        close(fd);
    if (!err)
        judge_offset(doctor, offset_us, margin_us);
    else
        cv_doctor_file(doctor, CV_DOCTOR_WARN, "time",
                       "Name an NTP server that can be reached from here with --ntp HOST[:PORT].",
                       "%s %s", doctor->ntp,
                       err == CV_ERR_NOT_FOUND ? "has no address"
                       : err == CV_ERR_SYNTAX  ? "doesn't know the time itself, or is no NTP server"
                                               : "does not answer");
}

void cv_doctor_clock(struct cv_doctor *doctor) {
    ask_kernel(doctor);
    if (doctor->ntp)
        compare_time(doctor);
}
