/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Deleting for good. SQLite's secure_delete overwrites the cells that it frees, but when it moves
 * cells between pages (balancing a tree) the old copies stay in the unallocated part of the page
 * that they left. So every page that goes into a database file passes through here, and that part
 * is filled with zeros on the way. The layout of pages is from SQLite's "Database File Format",
 * sections 1.5 to 1.8.
 */
#ifndef CV_STORE_SCRUB_H
#define CV_STORE_SCRUB_H

#include "base/bytes.h"

/* A larger database than this could have pages that look like a tree's and are not. */
enum { CV_SCRUB_PAGES_MAX = (1 << 25) - 1 };

/*
 * The unallocated part of a page (numbered from 1) of a database with auto_vacuum whose pages are
 * `size` bytes without reserved space: between the cell pointers and the cells. Empty where the
 * page is not one of a tree, or not plausible.
 */
void cv_scrub_gap(const uint8_t *page, size_t size, uint32_t number, size_t *ret_offset,
                  size_t *ret_bytes);

/*
 * The name of a VFS for sqlite3_open_v2 that writes to main databases this way, takes names as they
 * are (a relative one stays relative) and else does what the default VFS (at the first call) does.
 * NULL without memory.
 */
const char *cv_scrub_vfs(void);

#endif
