/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/table.h"

#include <locale.h>

#include "test.h"

static void columns_line_up_by_terminal_width(void **state) {
    struct cv_table table = {.columns = 2};
    struct cv_buf out = {0};
    assert_int_equal(cv_table_add(&table, (const char *const[]){"NAME", "ROLE"}), CV_OK);
    assert_int_equal(cv_table_add(&table, (const char *const[]){"日本", "host"}), CV_OK);
    assert_int_equal(cv_table_add(&table, (const char *const[]){"Zoë", NULL}), CV_OK);
    assert_int_equal(cv_table_print(&table, &out), CV_OK);
    assert_string_equal(cv_buf_cstr(&out), "NAME  ROLE\n日本  host\nZoë   \n");
    cv_buf_release(&out);
    cv_table_release(&table);
}

static void a_name_drives_no_terminal(void **state) {
    struct cv_table table = {.columns = 1};
    struct cv_buf out = {0};
    assert_int_equal(cv_table_add(&table, (const char *const[]){"a\x1b[31m\r\n\x07\xff"}), CV_OK);
    assert_int_equal(cv_table_print(&table, &out), CV_OK);
    assert_string_equal(cv_buf_cstr(&out), "a?[31m????\n");
    cv_buf_release(&out);
    cv_table_release(&table);
}

static void csv_quotes_and_defuses(void **state) {
    static const struct {
        const char *cell;
        const char *csv;
    } cases[] = {
        {"plain", "\"plain\"\r\n"},
        {"say \"hi\", you", "\"say \"\"hi\"\", you\"\r\n"},
        {"=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\"\r\n"},
        {"+1", "\"'+1\"\r\n"},
        {"-1", "\"'-1\"\r\n"},
        {"@SUM(A1)", "\"'@SUM(A1)\"\r\n"},
        {"\t=1", "\"' =1\"\r\n"},
        {"a\r\n=1", "\"a  =1\"\r\n"},
        {"", "\"\"\r\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cv_table table = {.columns = 1};
        struct cv_buf out = {0};
        assert_int_equal(cv_table_add(&table, &cases[i].cell), CV_OK);
        assert_int_equal(cv_table_csv(&table, &out), CV_OK);
        assert_string_equal(cv_buf_cstr(&out), cases[i].csv);
        cv_buf_release(&out);
        cv_table_release(&table);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_line_up_by_terminal_width),
        cmocka_unit_test(a_name_drives_no_terminal),
        cmocka_unit_test(csv_quotes_and_defuses),
    };
    setlocale(LC_CTYPE, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
