/* Digests against published ones, and folders of kept files: damage, strangers, limits, several processes. */
#include "support/store.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* ---- Digests ---- */

static void expect_digest(const char *text, size_t times, const char *wanted) {
    struct digest d;
    unsigned char result[DIGEST_BYTES];
    char digits[2 * DIGEST_BYTES + 1];
    digest_begin(&d);
    for (size_t k = 0; k < times; k++) digest_add(&d, text, strlen(text));
    digest_end(&d, result);
    for (int k = 0; k < DIGEST_BYTES; k++) snprintf(digits + 2 * k, 3, "%02x", result[k]);
    cr_expect_str_eq(digits, wanted, "%zu times `%s`", times, text);
}

/* FIPS 180-4's examples, and lengths around a block from sha256sum. */
Test(support_store, digests) {
    expect_digest("", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    expect_digest("abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    expect_digest("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
                  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    expect_digest("a", 1000000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    expect_digest("a", 55, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318");
    expect_digest("a", 56, "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a");
    expect_digest("a", 64, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb");
}

/* ---- Files ---- */

enum { LIMIT = 1 << 20 };
static char scratch[64], folder[100];

static void begin(void) {
    strcpy(scratch, "/tmp/gradc-store-XXXXXX");
    cr_assert_not_null(mkdtemp(scratch));
    snprintf(folder, sizeof folder, "%s/made/below", scratch);
}

static void end(void) {
    struct store_state removed;
    char path[200];
    chmod(folder, 0700);
    store_clear(folder, &removed);
    rmdir(folder);
    snprintf(path, sizeof path, "%s/made", scratch);
    rmdir(path);
    cr_expect_eq(rmdir(scratch), 0, "something was left in %s", scratch);
}

TestSuite(store, .init = begin, .fini = end);

static void key_of(unsigned number, unsigned char key[DIGEST_BYTES]) {
    struct digest d;
    digest_begin(&d);
    digest_add_number(&d, number);
    digest_end(&d, key);
}

static void keep_number(unsigned number, size_t length, uint64_t limit) {
    unsigned char key[DIGEST_BYTES], *contents = malloc(length);
    for (size_t k = 0; k < length; k++) contents[k] = (unsigned char)(number + 7 * k);
    key_of(number, key);
    store_keep(folder, key, contents, length, limit);
    free(contents);
}

/* 1: found as it was kept; 0: not there; -1: something else was found. */
static int find_number(unsigned number, size_t wanted) {
    unsigned char key[DIGEST_BYTES];
    size_t length = 0;
    key_of(number, key);
    unsigned char *contents = store_find(folder, key, &length);
    bool same = contents && length == wanted;
    for (size_t k = 0; same && k < length; k++) same = contents[k] == (unsigned char)(number + 7 * k);
    free(contents);
    return contents ? (same ? 1 : -1) : 0;
}

static void path_of(unsigned number, char path[200]) {
    unsigned char key[DIGEST_BYTES];
    key_of(number, key);
    int at = snprintf(path, 200, "%s/", folder);
    for (int k = 0; k < DIGEST_BYTES; k++) at += snprintf(path + at, 3, "%02x", key[k]);
}

Test(store, files_are_found_again) {
    struct store_state state;
    cr_expect(!store_look(folder, &state));
    cr_expect_eq(find_number(1, 100), 0);
    keep_number(1, 100, LIMIT);
    keep_number(2, 0, LIMIT);
    keep_number(3, 5000, LIMIT);
    keep_number(3, 5000, LIMIT);
    cr_expect_eq(find_number(1, 100), 1);
    cr_expect_eq(find_number(2, 0), 1);
    cr_expect_eq(find_number(3, 5000), 1);
    cr_expect_eq(find_number(4, 1), 0);
    cr_expect(store_look(folder, &state));
    cr_expect_eq(state.files, 3);
    cr_expect_eq(state.bytes, 5100 + 3 * (8 + DIGEST_BYTES));
    cr_expect(store_clear(folder, &state));
    cr_expect_eq(state.files, 3);
    cr_expect_eq(find_number(1, 100), 0);
}

Test(store, only_the_owner_may_read) {
    struct stat s;
    char path[200];
    keep_number(1, 10, LIMIT);
    path_of(1, path);
    cr_assert_eq(stat(folder, &s), 0);
    cr_expect_eq(s.st_mode & 0777, 0700);
    cr_assert_eq(stat(path, &s), 0);
    cr_expect_eq(s.st_mode & 0777, 0600);
}

Test(store, folders_that_others_may_write_to_are_not_used) {
    struct store_state state;
    keep_number(1, 10, LIMIT);
    chmod(folder, 0777);
    cr_expect_eq(find_number(1, 10), 0);
    cr_expect(!store_look(folder, &state));
    keep_number(2, 10, LIMIT);
    chmod(folder, 0700);
    cr_expect_eq(find_number(1, 10), 1);
    cr_expect_eq(find_number(2, 10), 0);
}

/* Every byte that is changed, and every length that is too short, is noticed; the file goes. */
Test(store, damage_is_noticed) {
    enum { LENGTH = 70, WHOLE = LENGTH + 8 + DIGEST_BYTES };
    char path[200];
    path_of(1, path);
    for (long at = 0; at < 2 * WHOLE; at++) {
        keep_number(1, LENGTH, LIMIT);
        if (at < WHOLE) {
            FILE *file = fopen(path, "r+b");
            cr_assert_not_null(file);
            fseek(file, at, SEEK_SET);
            int byte = fgetc(file);
            fseek(file, at, SEEK_SET);
            fputc(byte ^ 0x10, file);
            fclose(file);
        } else {
            cr_assert_eq(truncate(path, at - WHOLE), 0);
        }
        cr_assert_eq(find_number(1, LENGTH), 0, "%ld", at);
    }
    keep_number(1, LENGTH, LIMIT);
    cr_expect_eq(find_number(1, LENGTH), 1);
    unlink(path);
}

static void set_age(unsigned number, long seconds) {
    char path[200];
    struct timespec now, times[2];
    clock_gettime(CLOCK_REALTIME, &now);
    times[0] = times[1] = (struct timespec){now.tv_sec - seconds, 0};
    path_of(number, path);
    cr_assert_eq(utimensat(AT_FDCWD, path, times, 0), 0);
}

/* Twelve files of a tenth each: those that were not used for the longest time go, down to three quarters. */
Test(store, the_limit_holds) {
    enum { FILES = 12, LENGTH = LIMIT / 10 };
    struct store_state state;
    for (unsigned k = 1; k <= 9; k++) {
        keep_number(k, LENGTH, LIMIT);
        set_age(k, 1000 - 10 * (long)k);
    }
    cr_expect_eq(find_number(1, LENGTH), 1); /* used just now */
    keep_number(10, LENGTH, LIMIT);
    cr_assert(store_look(folder, &state));
    cr_expect_leq(state.bytes, LIMIT);
    cr_expect_geq(state.files, 6);
    cr_expect_eq(find_number(1, LENGTH), 1);
    cr_expect_eq(find_number(2, LENGTH), 0);
    cr_expect_eq(find_number(10, LENGTH), 1);
    keep_number(20, LIMIT / 2, LIMIT);
    cr_expect_eq(find_number(20, LIMIT / 2), 0, "too large to keep");
}

Test(store, what_ended_processes_left_goes) {
    char path[200];
    struct timespec old[2] = {{1000000, 0}, {1000000, 0}};
    keep_number(1, 10, LIMIT);
    snprintf(path, sizeof path, "%s/unfinished-1-2-3", folder);
    fclose(fopen(path, "w"));
    utimensat(AT_FDCWD, path, old, 0);
    keep_number(2, 10, LIMIT);
    cr_expect_neq(access(path, F_OK), 0);
}

static void hammer(unsigned seed) {
    for (unsigned k = 0; k < 300; k++) {
        unsigned number = (seed * 31 + k * 17) % 12;
        if (find_number(number, 3000 + number) < 0) _exit(1);
        if (k % 3 == seed % 3) keep_number(number, 3000 + number, 40000);
        struct store_state removed;
        if (k % 100 == 99) store_clear(folder, &removed);
    }
    _exit(0);
}

Test(store, eight_processes_at_once) {
    pid_t children[8];
    for (unsigned k = 0; k < 8; k++)
        if ((children[k] = fork()) == 0) hammer(k);
    for (unsigned k = 0; k < 8; k++) {
        int status = 1;
        waitpid(children[k], &status, 0);
        cr_expect_eq(status, 0);
    }
}
