/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/table.h"

#include "base/grow.h"

#include <stdlib.h>
#include <wchar.h>

enum cv_err cv_table_add(struct cv_table *table, const char *const *cells) {
    char **larger =
        cv_grow(table->cells, table->count, &table->capacity, sizeof *larger, 32 * table->columns);
    if (!larger)
        return CV_ERR_MEMORY;
    table->cells = larger; /* whole rows, so that one more cell is one more row */
    for (size_t i = 0; i < table->columns; i++) {
        char *cell = strdup(cells[i] ? cells[i] : "");
        if (!cell) {
            while (i > 0)
                free(table->cells[table->count + --i]);
            return CV_ERR_MEMORY;
        }
        table->cells[table->count + i] = cell;
    }
    table->count += table->columns;
    return CV_OK;
}

void cv_table_release(struct cv_table *table) {
    for (size_t i = 0; i < table->count; i++)
        free(table->cells[i]);
    free(table->cells);
    table->cells = NULL;
    table->count = table->capacity = 0;
}

/*
 * Appends the cell as a terminal may show it (`out` NULL: only measures) and adds its width in
 * terminal columns to *width.
 */
static enum cv_err show(const char *cell, struct cv_buf *out, size_t *width) {
    mbstate_t state = {0};
    enum cv_err err = CV_OK;
    for (size_t left = strlen(cell); left > 0 && !err;) {
        wchar_t character = L'\0';
        size_t size = mbrtowc(&character, cell, left, &state);
        bool broken = size == (size_t)-1 || size == (size_t)-2;
        int columns = broken ? -1 : wcwidth(character);
        if (broken) {
            size = 1;
            state = (mbstate_t){0};
        }
        if (out)
            err = columns < 0 ? cv_buf_append_byte(out, '?') : cv_buf_append(out, cell, size);
        *width += columns < 0 ? 1 : (size_t)columns;
        cell += size;
        left -= size;
    }
    return err;
}

enum cv_err cv_table_print(const struct cv_table *table, struct cv_buf *out) {
    size_t widest[CV_TABLE_COLUMNS_MAX] = {0};
    for (size_t i = 0; i < table->count; i++) {
        size_t width = 0, column = i % table->columns;
        show(table->cells[i], NULL, &width);
        if (width > widest[column])
            widest[column] = width;
    }
    enum cv_err err = CV_OK;
    for (size_t i = 0; i < table->count && !err; i++) {
        size_t width = 0, column = i % table->columns;
        err = show(table->cells[i], out, &width);
        if (column + 1 == table->columns) {
            err = err ? err : cv_buf_append_byte(out, '\n');
            continue;
        }
        for (; width < widest[column] + 2 && !err; width++)
            err = cv_buf_append_byte(out, ' ');
    }
    return err;
}

enum cv_err cv_table_csv(const struct cv_table *table, struct cv_buf *out) {
    enum cv_err err = CV_OK;
    for (size_t i = 0; i < table->count && !err; i++) {
        const char *cell = table->cells[i];
        bool formula = *cell && strchr("=+-@\t\r", *cell);
        err = cv_buf_append_str(out, formula ? "\"'" : "\"");
        for (; *cell && !err; cell++) {
            unsigned char c = (unsigned char)*cell;
            if (c == '"')
                err = cv_buf_append_str(out, "\"\"");
            else
                err = cv_buf_append_byte(out, c < 0x20 || c == 0x7f ? ' ' : c);
        }
        if (!err)
            err = cv_buf_append_str(out, (i + 1) % table->columns ? "\"," : "\"\r\n");
    }
    return err;
}
