/* SPDX-License-Identifier: Apache-2.0 */
/* The network of a unit test: opened anew before each, and checked and closed after it. */
#ifndef CV_TEST_MEDIA_FIXTURE_H
#define CV_TEST_MEDIA_FIXTURE_H

#include "net.h"

extern struct net net;

/* For cmocka. */
int net_set_up(void **state);     /* one relay */
int net_set_up_two(void **state); /* two of them */
int net_tear_down(void **state);

#endif
