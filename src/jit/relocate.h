/* Relocations of one machine: how a place in the code comes to know an address. */
#ifndef GRADC_JIT_RELOCATE_H
#define GRADC_JIT_RELOCATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Through what a relocation reaches its symbol. */
enum reach {
    REACH_UNKNOWN, /* the kind is not known */
    REACH_NOTHING, /* nothing is to be done */
    REACH_PLACE,   /* the symbol itself */
    REACH_CALL,    /* the symbol, or a jump to it where it lies far away */
    REACH_ADDRESS  /* a cell that holds its address */
};

/* The machine that objects are for, as ELF numbers it; 0: this linker knows none here. */
uint16_t relocate_machine(void);
enum reach relocate_reach(uint32_t kind);
/* How many bytes it changes. */
size_t relocate_size(uint32_t kind);
/* Writes a relocation: the target's address and the addend go where the place is. False where the target is
 * out of reach. */
bool relocate_write(unsigned char *place, uint32_t kind, uint64_t target, int64_t addend);
/* A jump through a cell, RELOCATE_JUMP bytes long; false where the cell is out of reach. */
enum { RELOCATE_JUMP = 16 };
bool relocate_jump(unsigned char *place, const uint64_t *cell);

#endif
