/* Nodes come out once each, the latest first, whatever the order they went in. */
#include <criterion/criterion.h>

#include "ir/node_queue.h"

/* ---- Memory that ends after some requests ---- */

static unsigned requests_left = UINT32_MAX;

bool __real_large_reserve(void **at, size_t *room, size_t wanted, size_t size);
bool __wrap_large_reserve(void **at, size_t *room, size_t wanted, size_t size);

/* The linker puts it in the place of large_reserve. */
bool __wrap_large_reserve(void **at, size_t *room, size_t wanted, size_t size) {
    if (!requests_left) return false;
    requests_left--;
    return __real_large_reserve(at, room, wanted, size);
}

/* ---- Tests ---- */

Test(node_queue, gives_the_latest_first_and_each_once) {
    static const uint32_t nodes[] = {5, 700, 64, 5, 63, 4000000, 128, 700, 1, 65};
    static const uint32_t expected[] = {4000000, 700, 128, 65, 64, 63, 5, 1, 0, 0};
    struct node_queue queue = {.failed = false};
    cr_expect_eq(node_queue_take(&queue), 0);
    for (size_t k = 0; k < sizeof nodes / sizeof *nodes; k++) cr_assert(node_queue_add(&queue, nodes[k]));
    for (size_t k = 0; k < sizeof expected / sizeof *expected; k++)
        cr_expect_eq(node_queue_take(&queue), expected[k]);
    node_queue_release(&queue);
}

/* As a walk does: what is put in comes before what was taken out. */
Test(node_queue, follows_operands) {
    enum { NODES = 100000 };
    struct node_queue queue = {.failed = false};
    uint32_t taken = 0;
    cr_assert(node_queue_add(&queue, NODES));
    for (uint32_t n; (n = node_queue_take(&queue)) != 0; taken++) {
        cr_assert_eq(n, NODES - taken);
        if (n > 1) node_queue_add(&queue, n - 1);
        if (n > 300) node_queue_add(&queue, n - 300);
        if (n > 5000) node_queue_add(&queue, n / 2);
    }
    cr_expect_eq(taken, NODES);
    cr_assert(node_queue_add(&queue, UINT32_MAX - 2));
    cr_expect_eq(node_queue_take(&queue), UINT32_MAX - 2);
    cr_expect_eq(node_queue_take(&queue), 0);
    node_queue_release(&queue);
}

/* Wherever memory ends, what went in comes out, and nothing else. */
Test(node_queue, survives_exhausted_memory) {
    static const uint32_t nodes[] = {5, 70, 300, 4000, 70000, 5, 4000000};
    enum { COUNT = sizeof nodes / sizeof *nodes, MOST = 100 };
    unsigned allowed = 0;
    for (bool failed = true; failed && allowed < MOST; allowed++) {
        struct node_queue queue = {.failed = false};
        uint32_t before = UINT32_MAX;
        bool in[COUNT];
        requests_left = allowed;
        for (size_t k = 0; k < COUNT; k++) in[k] = node_queue_add(&queue, nodes[k]);
        for (uint32_t n; (n = node_queue_take(&queue)) != 0; before = n) {
            bool known = false;
            cr_assert_lt(n, before, "%u requests", allowed);
            for (size_t k = 0; k < COUNT; k++) known |= in[k] && nodes[k] == n;
            for (size_t k = 0; k < COUNT; k++) in[k] &= nodes[k] != n;
            cr_assert(known, "%u requests: %u", allowed, n);
        }
        for (size_t k = 0; k < COUNT; k++) cr_expect_not(in[k], "%u requests: %u", allowed, nodes[k]);
        failed = queue.failed;
        node_queue_release(&queue);
    }
    cr_expect_gt(allowed, NODE_QUEUE_LEVELS);
    cr_expect_lt(allowed, MOST);
}
