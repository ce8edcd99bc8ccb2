/* Arrays that move from the heap to memory of the system while they grow. */
#include <criterion/criterion.h>
#include <stdint.h>

#include "support/large.h"
#include "support/vec.h"

Test(large, arrays_keep_what_was_pushed) {
    enum { NUMBERS = 1000000 };
    LARGE(uint32_t) numbers = {0};
    for (uint32_t k = 0; k < NUMBERS; k++) cr_assert(LARGE_PUSH(&numbers, k ^ 0x5555));
    cr_assert_eq(numbers.count, NUMBERS);
    for (uint32_t k = 0; k < NUMBERS; k++) cr_assert_eq(numbers.at[k], k ^ 0x5555);
    cr_expect_eq(VEC_POP(&numbers), (NUMBERS - 1) ^ 0x5555);
    LARGE_FREE(&numbers);
    cr_expect_null(numbers.at);
    cr_assert(LARGE_PUSH(&numbers, 1));
    LARGE_FREE(&numbers);
}

Test(large, new_memory_is_zero) {
    for (size_t count = 1; count < 10000000; count *= 10) {
        unsigned char *bytes = large_new(count, 3);
        cr_assert_not_null(bytes);
        for (size_t k = 0; k < 3 * count; k++) cr_assert_eq(bytes[k], 0);
        for (size_t k = 0; k < 3 * count; k++) bytes[k] = 0xFF;
        large_free(bytes, count, 3);
    }
    large_free(NULL, 0, 8);
}

Test(large, what_cannot_be_counted_is_refused) {
    LARGE(uint64_t) numbers = {0};
    cr_expect_null(large_new(SIZE_MAX / 2, 3));
    cr_expect_not(LARGE_RESERVE(&numbers, SIZE_MAX / 8 + 100));
    cr_expect(numbers.failed);
    LARGE_FREE(&numbers);
}
