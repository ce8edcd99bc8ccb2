#include "jit/relocate.h"

#include <elf.h>
#include <string.h>

#if defined __x86_64__

uint16_t relocate_machine(void) {
    return EM_X86_64;
}

enum reach relocate_reach(uint32_t kind) {
    switch (kind) {
    case R_X86_64_NONE: return REACH_NOTHING;
    case R_X86_64_64:
    case R_X86_64_PC32:
    case R_X86_64_PC64: return REACH_PLACE;
    case R_X86_64_PLT32: return REACH_CALL;
    case R_X86_64_GOTPCREL:
    case R_X86_64_GOTPCRELX:
    case R_X86_64_REX_GOTPCRELX: return REACH_ADDRESS;
    default: return REACH_UNKNOWN;
    }
}

size_t relocate_size(uint32_t kind) {
    return kind == R_X86_64_64 || kind == R_X86_64_PC64 ? 8 : 4;
}

bool relocate_write(unsigned char *place, uint32_t kind, uint64_t target, int64_t addend) {
    uint64_t value = target + (uint64_t)addend;
    if (kind != R_X86_64_64) value -= (uint64_t)(uintptr_t)place;
    if (kind == R_X86_64_64 || kind == R_X86_64_PC64) {
        memcpy(place, &value, sizeof value);
        return true;
    }
    int32_t distance = (int32_t)(int64_t)value;
    if ((int64_t)value != distance) return false;
    memcpy(place, &distance, sizeof distance);
    return true;
}

/* jmp *cell(%rip) */
bool relocate_jump(unsigned char *place, const uint64_t *cell) {
    static const unsigned char code[] = {0xff, 0x25};
    memcpy(place, code, sizeof code);
    return relocate_write(place + sizeof code, R_X86_64_PC32, (uint64_t)(uintptr_t)cell, -4);
}

#elif defined __aarch64__ && !defined __AARCH64EB__

uint16_t relocate_machine(void) {
    return EM_AARCH64;
}

enum reach relocate_reach(uint32_t kind) {
    switch (kind) {
    case R_AARCH64_NONE: return REACH_NOTHING;
    case R_AARCH64_ABS64:
    case R_AARCH64_PREL32:
    case R_AARCH64_PREL64:
    case R_AARCH64_ADR_PREL_PG_HI21:
    case R_AARCH64_ADD_ABS_LO12_NC:
    case R_AARCH64_LDST8_ABS_LO12_NC:
    case R_AARCH64_LDST16_ABS_LO12_NC:
    case R_AARCH64_LDST32_ABS_LO12_NC:
    case R_AARCH64_LDST64_ABS_LO12_NC:
    case R_AARCH64_LDST128_ABS_LO12_NC: return REACH_PLACE;
    case R_AARCH64_JUMP26:
    case R_AARCH64_CALL26: return REACH_CALL;
    case R_AARCH64_ADR_GOT_PAGE:
    case R_AARCH64_LD64_GOT_LO12_NC: return REACH_ADDRESS;
    default: return REACH_UNKNOWN;
    }
}

static void put_bits(unsigned char *place, uint32_t mask, uint32_t bits) {
    uint32_t word;
    memcpy(&word, place, sizeof word);
    word = (word & ~mask) | (bits & mask);
    memcpy(place, &word, sizeof word);
}

/* The low twelve bits of an address, as the offset of an access to 2^scale bytes. */
static bool put_low(unsigned char *place, uint64_t value, unsigned scale) {
    uint32_t low = (uint32_t)value & 0xfff;
    put_bits(place, 0xfffu << 10, low >> scale << 10);
    return (low & ((1u << scale) - 1)) == 0;
}

static bool put_page(unsigned char *place, uint64_t value) {
    int64_t pages =
        (int64_t)((value & ~(uint64_t)0xfff) - ((uint64_t)(uintptr_t)place & ~(uint64_t)0xfff)) >> 12;
    put_bits(place, 3u << 29 | 0x7ffffu << 5,
             (uint32_t)(pages & 3) << 29 | (uint32_t)(pages >> 2 & 0x7ffff) << 5);
    return pages >= -((int64_t)1 << 20) && pages < (int64_t)1 << 20;
}

static bool put_call(unsigned char *place, uint64_t distance) {
    int64_t words = (int64_t)distance >> 2;
    put_bits(place, 0x3ffffff, (uint32_t)words & 0x3ffffff);
    return (distance & 3) == 0 && words >= -((int64_t)1 << 25) && words < (int64_t)1 << 25;
}

size_t relocate_size(uint32_t kind) {
    return kind == R_AARCH64_ABS64 || kind == R_AARCH64_PREL64 ? 8 : 4;
}

bool relocate_write(unsigned char *place, uint32_t kind, uint64_t target, int64_t addend) {
    uint64_t value = target + (uint64_t)addend, distance = value - (uint64_t)(uintptr_t)place;
    int32_t near = (int32_t)(int64_t)distance;
    switch (kind) {
    case R_AARCH64_ABS64: memcpy(place, &value, sizeof value); return true;
    case R_AARCH64_PREL64: memcpy(place, &distance, sizeof distance); return true;
    case R_AARCH64_PREL32: memcpy(place, &near, sizeof near); return (int64_t)distance == near;
    case R_AARCH64_ADR_GOT_PAGE:
    case R_AARCH64_ADR_PREL_PG_HI21: return put_page(place, value);
    case R_AARCH64_ADD_ABS_LO12_NC:
    case R_AARCH64_LDST8_ABS_LO12_NC: return put_low(place, value, 0);
    case R_AARCH64_LDST16_ABS_LO12_NC: return put_low(place, value, 1);
    case R_AARCH64_LDST32_ABS_LO12_NC: return put_low(place, value, 2);
    case R_AARCH64_LD64_GOT_LO12_NC:
    case R_AARCH64_LDST64_ABS_LO12_NC: return put_low(place, value, 3);
    case R_AARCH64_LDST128_ABS_LO12_NC: return put_low(place, value, 4);
    case R_AARCH64_JUMP26:
    case R_AARCH64_CALL26: return put_call(place, distance);
    default: return false;
    }
}

/* adrp x16, cell; ldr x16, [x16, cell]; br x16 */
bool relocate_jump(unsigned char *place, const uint64_t *cell) {
    static const uint32_t code[] = {0x90000010, 0xf9400210, 0xd61f0200};
    uint64_t address = (uint64_t)(uintptr_t)cell;
    memcpy(place, code, sizeof code);
    return put_page(place, address) && put_low(place + 4, address, 3);
}

#else

uint16_t relocate_machine(void) {
    return 0;
}

enum reach relocate_reach(uint32_t kind) {
    (void)kind;
    return REACH_UNKNOWN;
}

size_t relocate_size(uint32_t kind) {
    (void)kind;
    return 0;
}

bool relocate_write(unsigned char *place, uint32_t kind, uint64_t target, int64_t addend) {
    (void)place, (void)kind, (void)target, (void)addend;
    return false;
}

bool relocate_jump(unsigned char *place, const uint64_t *cell) {
    (void)place, (void)cell;
    return false;
}

#endif
