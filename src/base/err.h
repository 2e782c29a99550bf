/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one error type. 0 is success and every failure is negative, so `if (err < 0)` and `if (err)`
 * mean the same. Three families stay apart, because they call for different reactions:
 *
 *   -1 .. -99     the environment or we ourselves failed (memory, disk, system call)
 *   -100 .. -199  the other side sent something wrong; close or refuse, never crash
 *   -200 .. -299  the request was well formed and is refused by a rule
 *
 * "Nothing to do" is not an error: functions that may ignore their input say so in their result.
 */
#ifndef CV_BASE_ERR_H
#define CV_BASE_ERR_H

enum cv_err {
    CV_OK = 0,

    CV_ERR_MEMORY = -1,   /* an allocation failed */
    CV_ERR_SYSTEM = -2,   /* a system call failed; errno says which way */
    CV_ERR_STORE = -3,    /* the database failed; nothing was changed */
    CV_ERR_CRYPTO = -4,   /* the cryptographic library refused or failed */
    CV_ERR_INTERNAL = -5, /* our own invariant does not hold */
    CV_ERR_AGAIN = -6,    /* would block: call again when ready */
    CV_ERR_CLOSED = -7,   /* the other end is gone */
    CV_ERR_TIMEOUT = -8,  /* a deadline passed */
    CV_ERR_CONFIG = -9,   /* the configuration is unusable */

    CV_ERR_SYNTAX = -100,    /* malformed bytes */
    CV_ERR_LIMIT = -101,     /* over a limit that we set on a peer-controlled quantity */
    CV_ERR_TYPE = -102,      /* well formed, wrong type or unknown name */
    CV_ERR_RANGE = -103,     /* well formed, value out of range */
    CV_ERR_SEQUENCE = -104,  /* right message at the wrong moment, or out of order */
    CV_ERR_AUTH = -105,      /* authentication failed */
    CV_ERR_TRUNCATED = -106, /* more bytes are needed */

    CV_ERR_DENIED = -200,    /* this role may not do this in this state */
    CV_ERR_NOT_FOUND = -201, /* no such thing, or none that the asker may know of */
    CV_ERR_EXISTS = -202,    /* it is there already */
    CV_ERR_FULL = -203,      /* no place left */
    CV_ERR_STATE = -204,     /* not possible in the present state */
};

/* The symbolic name ("CV_ERR_LIMIT"); a static string, never NULL. */
const char *cv_err_name(enum cv_err err);

#endif
