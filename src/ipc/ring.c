/* SPDX-License-Identifier: Apache-2.0 */
#include "ipc/ring.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* A record: its length, its bytes, and padding to a multiple of the length's size. */
typedef uint32_t length_t;

/*
 * Positions count bytes from the beginning and wrap at 2^32, a multiple of the ring's size. Each
 * has one process that writes it, and a cache line of its own.
 */
struct shared {
    _Alignas(64) _Atomic uint32_t written;
    _Alignas(64) _Atomic uint32_t read;
    _Alignas(64) _Atomic uint32_t sleeps;
    _Alignas(64) uint8_t data[CV_RING_BYTES];
};
_Static_assert((CV_RING_BYTES & (CV_RING_BYTES - 1)) == 0, "positions wrap with the ring");
_Static_assert(ATOMIC_INT_LOCK_FREE == 2, "another process can't take part in a lock");

enum { SEALS = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL };

struct cv_ring {
    struct shared *shared;
    uint32_t position; /* ours; what the other end sees of it is a copy */
    bool broken;
};

int cv_ring_memory(void) {
    int fd = memfd_create("conclave-ring", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd >= 0 &&
        (ftruncate(fd, sizeof(struct shared)) < 0 || fcntl(fd, F_ADD_SEALS, SEALS) < 0)) {
        close(fd);
        return -1;
    }
    return fd;
}

enum cv_err cv_ring_new(int fd, enum cv_ring_end end, struct cv_ring **ret_ring) {
    int seals = fcntl(fd, F_GET_SEALS);
    /* Memory that shrinks would end us with a signal at the next access. */
    if (seals < 0 || !(seals & F_SEAL_SHRINK) ||
        lseek(fd, 0, SEEK_END) != (off_t)sizeof(struct shared)) {
        return CV_ERR_SYSTEM;
    }
    struct cv_ring *ring = calloc(1, sizeof *ring);
    if (!ring) {
        return CV_ERR_MEMORY;
    }
    ring->shared = mmap(NULL, sizeof(struct shared), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (ring->shared == MAP_FAILED) {
        free(ring);
        return CV_ERR_SYSTEM;
    }
    if (end == CV_RING_READER) { /* until it has looked for the first time */
        atomic_store_explicit(&ring->shared->sleeps, 1, memory_order_relaxed);
    }
    *ret_ring = ring;
    return CV_OK;
}

struct cv_ring *cv_ring_free(struct cv_ring *ring) {
    if (ring) {
        munmap(ring->shared, sizeof *ring->shared);
        free(ring);
    }
    return NULL;
}

static uint32_t padded(size_t size) {
    return (uint32_t)((size + sizeof(length_t) - 1) & ~(sizeof(length_t) - 1));
}

/* --- writing --- */

static uint32_t copy_in(struct shared *shared, uint32_t position, struct cv_slice bytes) {
    uint32_t at = position & (CV_RING_BYTES - 1);
    size_t first = bytes.size < CV_RING_BYTES - at ? bytes.size : CV_RING_BYTES - at;
    if (bytes.size) {
        memcpy(shared->data + at, bytes.data, first);
        memcpy(shared->data, bytes.data + first, bytes.size - first);
    }
    return position + (uint32_t)bytes.size;
}

enum cv_err cv_ring_put(struct cv_ring *ring, struct cv_slice head, struct cv_slice body) {
    struct shared *shared = ring->shared;
    length_t length = (length_t)(head.size + body.size);
    if (head.size + body.size == 0 || head.size + body.size > CV_RING_RECORD_BYTES) {
        return CV_ERR_LIMIT;
    }
    uint32_t read = atomic_load_explicit(&shared->read, memory_order_acquire);
    uint32_t waiting = ring->position - read;
    /* More than fits: the reader has made that up, and gets nothing more. */
    if (waiting > CV_RING_BYTES || CV_RING_BYTES - waiting < sizeof length + padded(length)) {
        return CV_ERR_FULL;
    }
    uint32_t position = copy_in(shared, ring->position, cv_slice_of(&length, sizeof length));
    copy_in(shared, copy_in(shared, position, head), body);
    ring->position = position + padded(length);
    atomic_store_explicit(&shared->written, ring->position, memory_order_release);
    return CV_OK;
}

/*
 * Either the writer sees that the reader sleeps, or the reader sees what was written: each stores
 * first and looks then, all four in one order (sequentially consistent). Stored again, so that the
 * cost is once a batch.
 */
bool cv_ring_must_wake(struct cv_ring *ring) {
    atomic_store(&ring->shared->written, ring->position);
    return atomic_load(&ring->shared->sleeps) && atomic_exchange(&ring->shared->sleeps, 0);
}

/* --- reading --- */

static void copy_out(const struct shared *shared, uint32_t position, void *to, size_t size) {
    uint32_t at = position & (CV_RING_BYTES - 1);
    size_t first = size < CV_RING_BYTES - at ? size : CV_RING_BYTES - at;
    memcpy(to, shared->data + at, first);
    memcpy((uint8_t *)to + first, shared->data, size - first);
}

enum cv_err cv_ring_get(struct cv_ring *ring, uint8_t ret_record[static CV_RING_RECORD_BYTES],
                        size_t *ret_size) {
    struct shared *shared = ring->shared;
    length_t length;
    uint32_t waiting =
        atomic_load_explicit(&shared->written, memory_order_acquire) - ring->position;
    if (ring->broken) {
        return CV_ERR_SYNTAX;
    }
    if (waiting == 0) {
        return CV_ERR_AGAIN;
    }
    if (waiting <= CV_RING_BYTES && waiting >= sizeof length) {
        copy_out(shared, ring->position, &length, sizeof length);
        if (length > 0 && length <= CV_RING_RECORD_BYTES &&
            waiting >= sizeof length + padded(length)) {
            copy_out(shared, ring->position + (uint32_t)sizeof length, ret_record, length);
            ring->position += (uint32_t)sizeof length + padded(length);
            atomic_store_explicit(&shared->read, ring->position, memory_order_release);
            *ret_size = length;
            return CV_OK;
        }
    }
    ring->broken = true;
    return CV_ERR_SYNTAX;
}

bool cv_ring_may_sleep(struct cv_ring *ring) {
    if (ring->broken) {
        return true;
    }
    atomic_store(&ring->shared->sleeps, 1);
    if (atomic_load(&ring->shared->written) == ring->position) {
        return true;
    }
    atomic_store(&ring->shared->sleeps, 0);
    return false;
}
