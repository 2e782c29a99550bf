/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows of text, printed as an aligned table or as CSV. Cells may hold what strangers wrote (names):
 * the table shows control characters as '?', so nothing can drive a terminal, and CSV defuses what
 * a spreadsheet would take for a formula.
 */
#ifndef CV_CLI_TABLE_H
#define CV_CLI_TABLE_H

#include "base/bytes.h"

enum { CV_TABLE_COLUMNS_MAX = 16 };

/* Zero-initialised but for `columns`, the number of cells in a row. */
struct cv_table {
    size_t columns;
    char **cells; /* row after row, the header first */
    size_t count; /* of cells */
    size_t capacity;
};

/* Adds `columns` cells, which are copied; NULL is an empty one. CV_ERR_MEMORY. */
enum cv_err cv_table_add(struct cv_table *table, const char *const *cells);
/* UTF-8, columns aligned by the width that a terminal gives characters, two spaces between. */
enum cv_err cv_table_print(const struct cv_table *table, struct cv_buf *out);
/*
 * RFC 4180 with CRLF. Every cell that starts with = + - @, a tab or a carriage return gets an
 * apostrophe in front; other control characters become spaces.
 */
enum cv_err cv_table_csv(const struct cv_table *table, struct cv_buf *out);
void cv_table_release(struct cv_table *table);

#endif
