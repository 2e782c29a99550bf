/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records from one process to another through shared memory, without a system call: one writer, one
 * reader, C11 atomics. The reader is woken (by whatever the two agree on) only when it has said
 * that it sleeps.
 *
 * The other end may have been taken over: positions and lengths that it writes are checked against
 * what we know ourselves, and a record is copied before it is looked at. The worst it can do is to
 * have its ring declared broken. Memory is made anew for each pair of processes, so nothing has to
 * be cleaned up after one that died.
 */
#ifndef CV_IPC_RING_H
#define CV_IPC_RING_H

#include "base/bytes.h"

enum {
    CV_RING_BYTES = 1024 * 1024, /* of records that wait; what doesn't fit is dropped */
    CV_RING_RECORD_BYTES = 2048, /* the largest record */
};

struct cv_ring;

/* Memory for one ring: a descriptor, close-on-exec, of a fixed size that nobody can change. -1 with
 * errno. */
int cv_ring_memory(void);

enum cv_ring_end { CV_RING_WRITER, CV_RING_READER };

/* Maps the memory; the fd stays the caller's and may be closed. Each end is opened once.
 * CV_ERR_SYSTEM: it can't be mapped, or may shrink; CV_ERR_MEMORY. */
enum cv_err cv_ring_new(int fd, enum cv_ring_end end, struct cv_ring **ret_ring);
struct cv_ring *cv_ring_free(struct cv_ring *ring);

/* --- the writer --- */

/* Appends one record of 1 to CV_RING_RECORD_BYTES, given in two pieces. CV_ERR_FULL: no room, and
 * it is dropped; CV_ERR_LIMIT: empty or too large. */
enum cv_err cv_ring_put(struct cv_ring *ring, struct cv_slice head, struct cv_slice body);

/* After the last put of a batch: whether the reader sleeps and has to be woken. True once. */
bool cv_ring_must_wake(struct cv_ring *ring);

/* --- the reader --- */

/* Copies the next record. CV_ERR_AGAIN: there is none; CV_ERR_SYNTAX: the ring is broken, for
 * good. */
enum cv_err cv_ring_get(struct cv_ring *ring, uint8_t ret_record[static CV_RING_RECORD_BYTES],
                        size_t *ret_size);

/* Before the reader sleeps. False: there is something to read already. */
bool cv_ring_may_sleep(struct cv_ring *ring);

#endif
