/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

struct net net;

int net_set_up(void **state) {
    (void)state;
    net_open(&net, 1, 1);
    return 0;
}

int net_set_up_two(void **state) {
    (void)state;
    net_open(&net, 2, 2);
    return 0;
}

int net_tear_down(void **state) {
    (void)state;
    net_check(&net);
    net_close(&net);
    return 0;
}
