#include <criterion/criterion.h>
#include <string.h>

#include "cli/assign.h"
#include "cli/csv.h"

Test(assignments, are_split_at_commas_outside_brackets) {
    struct assignments list = {0};
    cr_assert(assignments_read(&list, "x=1, b = [1, -2e3] ,m[1,2]=.5,y=-inf", "--at", false));
    cr_assert_eq(list.count, 4);
    cr_expect_str_eq(list.at[0].name, "x");
    cr_expect(list.at[0].count == 1 && list.at[0].values[0] == 1 && !list.at[0].is_array);
    cr_expect_str_eq(list.at[1].name, "b");
    cr_expect(list.at[1].count == 2 && list.at[1].values[1] == -2000 && list.at[1].is_array);
    cr_expect_str_eq(list.at[2].name, "m[1,2]");
    cr_expect(list.at[2].count == 1 && list.at[2].values[0] == 0.5);
    cr_expect(list.at[3].values[0] < -1e308);
    assignments_free(&list);
}

Test(assignments, take_nested_and_empty_arrays) {
    struct assignments list = {0};
    cr_assert(assignments_read(&list, "m=[[1,2],[3,4]],e=[]", "-D", false));
    cr_expect(list.at[0].count == 4 && list.at[0].values[3] == 4);
    cr_expect(list.at[1].count == 0 && list.at[1].is_array);
    assignments_free(&list);
}

Test(assignments, refuse_what_is_none) {
    static const char *const bad[] = {"",       "x",      "=1",       "x=",     "x=1,",    "x=one",
                                      "x=[1,2", "x=1]",   "x=[1 2]",  "x=[,1]", "x=[1,]]", "x=[1][2]",
                                      "x=1 2",  "x=0x10", "x=[[1,2]", "x=[1]2", ",x=1",    "x==1"};
    for (size_t k = 0; k < sizeof bad / sizeof bad[0]; k++) {
        struct assignments list = {0};
        cr_expect(!assignments_read(&list, bad[k], "--at", false), "`%s` is accepted", bad[k]);
        assignments_free(&list);
    }
}

Test(assignments, may_lack_a_value_where_that_has_a_meaning) {
    struct assignments list = {0};
    cr_assert(assignments_read(&list, "x,b[2],y=3", "--fix", true));
    cr_expect(list.count == 3 && list.at[0].count == 0 && list.at[1].count == 0 && list.at[2].count == 1);
    assignments_free(&list);
}

static void expect_cell(struct csv_reader *reader, const char *text) {
    struct csv_cell cell;
    cr_assert(csv_read_cell(reader, &cell));
    cr_expect_eq(cell.length, strlen(text), "%s", text);
    cr_expect_eq(memcmp(cell.text, text, cell.length), 0, "%s", text);
}

Test(csv, reads_quotes_blanks_and_line_ends) {
    struct csv_reader reader = {.at = "\n x , \"m[1,2]\",\"say \"\"hi\"\"\"\r\n1,,3\n\n\"a\nb\",\"open",
                                .line = 1};
    struct csv_cell cell;
    cr_assert(csv_begin_row(&reader));
    expect_cell(&reader, "x");
    expect_cell(&reader, "m[1,2]");
    expect_cell(&reader, "say \"hi\"");
    cr_expect_not(csv_read_cell(&reader, &cell));
    cr_expect_eq(reader.line, 2);
    cr_assert(csv_begin_row(&reader));
    expect_cell(&reader, "1");
    expect_cell(&reader, "");
    expect_cell(&reader, "3");
    cr_expect_not(csv_read_cell(&reader, &cell));
    cr_expect_eq(reader.line, 3);
    cr_assert(csv_begin_row(&reader));
    expect_cell(&reader, "a\nb");
    expect_cell(&reader, "open");
    cr_expect_not(csv_read_cell(&reader, &cell));
    cr_expect_eq(reader.line, 6);
    cr_expect_not(csv_begin_row(&reader));
    csv_release(&reader);
}
