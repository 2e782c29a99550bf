/* SPDX-License-Identifier: Apache-2.0 */
#include "store/scrub.h"

#include <pthread.h>
#include <sqlite3.h>

enum {
    FILE_HEADER_BYTES = 100, /* on page 1, before its tree */
    PAGE_MIN_BYTES = 512,
    PAGE_MAX_BYTES = 65536,
    MAP_ENTRY_BYTES = 5, /* pointer maps: for each page its kind and its parent */
    INTERIOR_INDEX = 2,
    INTERIOR_TABLE = 5,
    LEAF_INDEX = 10,
    LEAF_TABLE = 13,
};

/* Pointer maps are page 2 and every (entries in a map + 1)th after it. */
static bool is_pointer_map(uint32_t number, size_t size) {
    return number >= 2 && (number - 2) % (size / MAP_ENTRY_BYTES + 1) == 0;
}

void cv_scrub_gap(const uint8_t *page, size_t size, uint32_t number, size_t *ret_offset,
                  size_t *ret_bytes) {
    *ret_offset = *ret_bytes = 0;
    if (number == 0 || number > CV_SCRUB_PAGES_MAX || is_pointer_map(number, size))
        return;
    const uint8_t *head = page + (number == 1 ? FILE_HEADER_BYTES : 0);
    uint8_t kind = head[0];
    bool interior = kind == INTERIOR_INDEX || kind == INTERIOR_TABLE;
    if (!interior && kind != LEAF_INDEX && kind != LEAF_TABLE)
        return;
    size_t cells = cv_get_be16(head + 3);
    size_t content = cv_get_be16(head + 5);
    size_t start = (size_t)(head - page) + (interior ? 12 : 8) + 2 * cells;
    if (content == 0)
        content = PAGE_MAX_BYTES;
    if (start >= content || content > size)
        return;
    *ret_offset = start;
    *ret_bytes = content - start;
}

/* Behind each open file's own data: its methods, of which writing is ours. */
struct scrubbed {
    sqlite3_io_methods methods;
    int (*write)(sqlite3_file *, const void *, int, sqlite3_int64);
};

static sqlite3_vfs *real;
static sqlite3_vfs vfs;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static size_t data_bytes(void) {
    const size_t align = _Alignof(max_align_t);
    return ((size_t)real->szOsFile + align - 1) / align * align;
}

static struct scrubbed *scrubbed_of(sqlite3_file *file) {
    return (struct scrubbed *)(void *)((uint8_t *)file + data_bytes());
}

static bool is_page(int size, sqlite3_int64 offset) {
    bool power = size >= PAGE_MIN_BYTES && size <= PAGE_MAX_BYTES && (size & (size - 1)) == 0;
    return power && offset % size == 0 && offset / size < CV_SCRUB_PAGES_MAX;
}

static int write_page(sqlite3_file *file, const void *data, int size, sqlite3_int64 offset) {
    const struct scrubbed *scrubbed = scrubbed_of(file);
    size_t gap = 0, gap_bytes = 0;
    if (is_page(size, offset))
        cv_scrub_gap(data, (size_t)size, (uint32_t)(offset / size) + 1, &gap, &gap_bytes);
    if (gap_bytes == 0)
        return scrubbed->write(file, data, size, offset);
    uint8_t *page = sqlite3_malloc(size);
    if (!page)
        return SQLITE_IOERR_NOMEM;
    memcpy(page, data, (size_t)size);
    memset(page + gap, 0, gap_bytes);
    int rc = scrubbed->write(file, page, size, offset);
    sqlite3_free(page);
    return rc;
}

static int open_file(sqlite3_vfs *self, const char *name, sqlite3_file *file, int flags,
                     int *ret_flags) {
    int rc = real->xOpen(real, name, file, flags, ret_flags);
    if (rc != SQLITE_OK || !file->pMethods || !(flags & SQLITE_OPEN_MAIN_DB))
        return rc;
    struct scrubbed *scrubbed = scrubbed_of(file);
    scrubbed->methods = *file->pMethods;
    scrubbed->write = scrubbed->methods.xWrite;
    scrubbed->methods.xWrite = write_page;
    file->pMethods = &scrubbed->methods;
    return rc;
}

/*
 * Names stay as they are. SQLite would make one absolute and look at every parent of the data
 * folder; that is the working directory, and its parents may be closed to the daemon's account
 * (docs/adr/0002-started-as-root.md).
 */
static int keep_name(sqlite3_vfs *self, const char *name, int capacity, char *ret_name) {
    size_t size = strlen(name) + 1;
    if (capacity < 0 || size > (size_t)capacity)
        return SQLITE_CANTOPEN;
    memcpy(ret_name, name, size);
    return SQLITE_OK;
}

static void register_vfs(void) {
    real = sqlite3_vfs_find(NULL);
    if (!real)
        return;
    vfs = *real;
    vfs.zName = "conclave-scrub";
    vfs.pNext = NULL;
    vfs.szOsFile = (int)(data_bytes() + sizeof(struct scrubbed));
    vfs.xOpen = open_file;
    vfs.xFullPathname = keep_name;
    if (sqlite3_vfs_register(&vfs, 0) != SQLITE_OK)
        vfs.zName = NULL;
}

const char *cv_scrub_vfs(void) {
    pthread_once(&once, register_vfs);
    return vfs.zName;
}
