/* SPDX-License-Identifier: Apache-2.0 */
/* A simulation that finds something wrong says what and where, and ends. */
#ifndef CV_SIM_CHECK_H
#define CV_SIM_CHECK_H

/* Set by the test before each run, so that a failure can be repeated. */
extern unsigned sim_seed;
extern unsigned sim_step;

#define SIM_CHECK(condition)                                                                       \
    do {                                                                                           \
        if (!(condition))                                                                          \
            sim_fail(__FILE__, __LINE__, #condition);                                              \
    } while (0)

_Noreturn void sim_fail(const char *file, int line, const char *what);

#endif
