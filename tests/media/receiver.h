/* SPDX-License-Identifier: Apache-2.0 */
/* The receiving half of a test client: what it makes of packets, and what it says of them. */
#ifndef CV_TEST_MEDIA_RECEIVER_H
#define CV_TEST_MEDIA_RECEIVER_H

#include "client.h"

void receiver_open(struct client_slot *slot);
void receiver_rtp(struct client *client, int64_t now_us, const uint8_t *data, size_t size);
void receiver_rtcp(struct client *client, int64_t now_us, struct cv_slice compound);
/* Transport-wide feedback, NACKs, key frame requests and receiver reports, as they are due. */
void receiver_feedback(struct client *client, int64_t now_us);
void receiver_blame(struct client *client, const char *what);

#endif
