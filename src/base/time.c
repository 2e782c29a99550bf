/* SPDX-License-Identifier: Apache-2.0 */
#include "base/time.h"

#include <stdio.h>

/* Days since 1970-01-01 of a proleptic Gregorian date (era arithmetic on 400-year cycles). */
static int64_t days_from_civil(int64_t year, unsigned month, unsigned day) {
    year -= month <= 2;
    int64_t era = year / 400;
    unsigned yoe = (unsigned)(year - era * 400);
    unsigned doy = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    unsigned doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return era * 146097 + (int64_t)doe - 719468;
}

static void civil_from_days(int64_t days, int64_t *ret_year, unsigned *ret_month,
                            unsigned *ret_day) {
    days += 719468;
    int64_t era = days / 146097;
    unsigned doe = (unsigned)(days - era * 146097);
    unsigned yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    unsigned doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    unsigned mp = (5 * doy + 2) / 153;
    *ret_day = doy - (153 * mp + 2) / 5 + 1;
    *ret_month = mp < 10 ? mp + 3 : mp - 9;
    *ret_year = (int64_t)yoe + era * 400 + (*ret_month <= 2);
}

void cv_time_format(int64_t at_us, char text[static CV_TIME_TEXT_BYTES]) {
    static const int64_t last_us = INT64_C(253402300799999999); /* 9999-12-31T23:59:59.999999Z */
    if (at_us < 0)
        at_us = 0;
    if (at_us > last_us)
        at_us = last_us;
    int64_t year;
    unsigned month, day;
    civil_from_days(at_us / CV_US_PER_DAY, &year, &month, &day);
    unsigned ms = (unsigned)(at_us % CV_US_PER_DAY / CV_US_PER_MS);
    unsigned s = ms / 1000;
    snprintf(text, CV_TIME_TEXT_BYTES, "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ",
             (unsigned)year % 10000, month % 100, day % 100, s / 3600 % 100, s / 60 % 60, s % 60,
             ms % 1000);
}

static bool take_number(struct cv_slice *text, size_t digits, unsigned *ret_value) {
    if (text->size < digits)
        return false;
    unsigned value = 0;
    for (size_t i = 0; i < digits; i++) {
        if (text->data[i] < '0' || text->data[i] > '9')
            return false;
        value = value * 10 + (text->data[i] - '0');
    }
    text->data += digits;
    text->size -= digits;
    *ret_value = value;
    return true;
}

static bool take_char(struct cv_slice *text, char a, char b) {
    if (text->size == 0 || (text->data[0] != a && text->data[0] != b))
        return false;
    text->data++;
    text->size--;
    return true;
}

static unsigned month_days(unsigned year, unsigned month) {
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : days[month - 1];
}

/* time-secfrac: the digits past microseconds are read and dropped. */
static bool take_fraction(struct cv_slice *text, unsigned *ret_us) {
    unsigned us = 0, scale = 100000, digits = 0, digit;
    while (take_number(text, 1, &digit)) {
        us += digit * scale;
        scale /= 10;
        digits++;
    }
    *ret_us = us;
    return digits > 0;
}

static bool take_offset(struct cv_slice *text, int64_t *ret_offset_us) {
    if (take_char(text, 'Z', 'z')) {
        *ret_offset_us = 0;
        return true;
    }
    bool minus = text->size > 0 && text->data[0] == '-';
    unsigned hours, minutes;
    if (!take_char(text, '+', '-') || !take_number(text, 2, &hours) || !take_char(text, ':', ':') ||
        !take_number(text, 2, &minutes) || hours > 23 || minutes > 59)
        return false;
    int64_t offset_us = hours * CV_US_PER_HOUR + minutes * CV_US_PER_MIN;
    *ret_offset_us = minus ? -offset_us : offset_us;
    return true;
}

enum cv_err cv_time_parse(struct cv_slice text, int64_t *ret_at_us) {
    unsigned year, month, day, hour, minute, second, us = 0;
    int64_t offset_us;
    if (!take_number(&text, 4, &year) || !take_char(&text, '-', '-') ||
        !take_number(&text, 2, &month) || !take_char(&text, '-', '-') ||
        !take_number(&text, 2, &day) || !take_char(&text, 'T', 't') ||
        !take_number(&text, 2, &hour) || !take_char(&text, ':', ':') ||
        !take_number(&text, 2, &minute) || !take_char(&text, ':', ':') ||
        !take_number(&text, 2, &second))
        return CV_ERR_SYNTAX;
    if (take_char(&text, '.', '.') && !take_fraction(&text, &us))
        return CV_ERR_SYNTAX;
    if (!take_offset(&text, &offset_us) || text.size != 0)
        return CV_ERR_SYNTAX;
    /* A leap second (":60") is taken as the first second of the next minute. */
    if (year < 1970 || month < 1 || month > 12 || day < 1 || day > month_days(year, month) ||
        hour > 23 || minute > 59 || second > 60)
        return CV_ERR_SYNTAX;
    *ret_at_us = days_from_civil(year, month, day) * CV_US_PER_DAY + hour * CV_US_PER_HOUR +
                 minute * CV_US_PER_MIN + second * CV_US_PER_S + us - offset_us;
    return CV_OK;
}
