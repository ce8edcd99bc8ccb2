#define _DEFAULT_SOURCE /* for MAP_ANONYMOUS */
#include "jit/image.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "jit/relocate.h"
#include "jit/symbols.h"
#include "support/vec.h"

/* A global symbol, of an object or of the process. */
struct global {
    const char *name; /* in its object */
    uint64_t address; /* 0: not defined in the image, */
    uint64_t outside; /* but here; 0: not looked up */
    size_t cell;      /* its number plus 1; 0: it has none */
};

/* An object that is being linked. */
struct part {
    const unsigned char *bytes;
    size_t length;
    const Elf64_Shdr *sections;
    size_t section_count;
    size_t *offsets; /* by section: where it stands in the memory, plus 1; 0: it is not loaded */
    size_t
        *globals; /* by symbol: its place among the image's, plus 1; 0: it is local, or not looked at yet */
};

struct image {
    unsigned char *memory;
    size_t size;
    VEC(struct global) symbols; /* names are copied when it is finished */
    char *names;
};

/* Memory is laid out by what may be done to it: code, then data that is only read (with the cells), then the
 * rest. */
enum { CODE, CONSTANTS, DATA, AREAS };

struct linking {
    struct image *image;
    struct part *parts;
    size_t count, page;
    size_t begin[AREAS + 1];   /* of the areas; the last: the whole size */
    size_t jumps, cells, most; /* where they stand; most: how many there may be */
    size_t cell_count;
    size_t *slots; /* hash table of the image's symbols: place plus 1 */
    size_t slot_count;
};

/* ---- Reading objects ---- */

static bool within(const struct part *p, uint64_t offset, uint64_t length) {
    return offset <= p->length && length <= p->length - offset;
}

static bool read_head(struct part *p) {
    Elf64_Ehdr head;
    if (p->length < sizeof head || (uintptr_t)p->bytes % 8 != 0) return false;
    memcpy(&head, p->bytes, sizeof head);
    bool good = memcmp(head.e_ident, ELFMAG, SELFMAG) == 0 && head.e_ident[EI_CLASS] == ELFCLASS64 &&
                head.e_ident[EI_DATA] == ELFDATA2LSB && head.e_type == ET_REL &&
                head.e_machine == relocate_machine() && head.e_machine != 0 &&
                head.e_shentsize == sizeof(Elf64_Shdr) && head.e_shoff % 8 == 0 && head.e_shnum > 0 &&
                within(p, head.e_shoff, (uint64_t)head.e_shnum * sizeof(Elf64_Shdr));
    if (!good) return false;
    p->sections = (const Elf64_Shdr *)(const void *)(p->bytes + head.e_shoff);
    p->section_count = head.e_shnum;
    p->offsets = calloc(p->section_count, sizeof *p->offsets);
    for (size_t k = 0; k < p->section_count && good; k++) {
        const Elf64_Shdr *s = &p->sections[k];
        good = s->sh_type == SHT_NULL || s->sh_type == SHT_NOBITS || within(p, s->sh_offset, s->sh_size);
        good = good && (s->sh_flags & SHF_TLS) == 0 && s->sh_addralign <= 4096 &&
               (s->sh_addralign & (s->sh_addralign - 1)) == 0 && s->sh_size < (uint64_t)1 << 31;
    }
    return good && p->offsets;
}

/* What unwinds the stack for exceptions and debuggers is left out. */
static bool is_loaded(const Elf64_Shdr *s) {
    return (s->sh_flags & SHF_ALLOC) != 0 && (s->sh_type == SHT_PROGBITS || s->sh_type == SHT_NOBITS) &&
           s->sh_size > 0;
}

static const char *section_name(const struct part *p, const Elf64_Shdr *s) {
    Elf64_Ehdr head;
    memcpy(&head, p->bytes, sizeof head);
    if (head.e_shstrndx >= p->section_count) return "";
    const Elf64_Shdr *names = &p->sections[head.e_shstrndx];
    if (names->sh_type != SHT_STRTAB || s->sh_name >= names->sh_size) return "";
    const char *name = (const char *)p->bytes + names->sh_offset + s->sh_name;
    return memchr(name, 0, names->sh_size - s->sh_name) ? name : "";
}

static int area_of(const struct part *p, size_t section) {
    const Elf64_Shdr *s = &p->sections[section];
    if (!is_loaded(s) || strcmp(section_name(p, s), ".eh_frame") == 0) return AREAS;
    if (s->sh_flags & SHF_EXECINSTR) return CODE;
    return s->sh_flags & SHF_WRITE ? DATA : CONSTANTS;
}

/* A table of a section, with entries of a size. */
static const void *entries(const struct part *p, const Elf64_Shdr *s, size_t size, size_t *count) {
    *count = s->sh_entsize == size && s->sh_offset % 8 == 0 ? s->sh_size / size : 0;
    return p->bytes + s->sh_offset;
}

static const Elf64_Shdr *symbol_section(const struct part *p) {
    for (size_t k = 0; k < p->section_count; k++)
        if (p->sections[k].sh_type == SHT_SYMTAB) return &p->sections[k];
    return NULL;
}

static const Elf64_Sym *symbols_of(const struct part *p, size_t *count) {
    const Elf64_Shdr *s = symbol_section(p);
    *count = 0;
    return s ? entries(p, s, sizeof(Elf64_Sym), count) : NULL;
}

static const char *symbol_name(const struct part *p, const Elf64_Sym *symbol) {
    const Elf64_Shdr *s = symbol_section(p);
    if (!s || s->sh_link >= p->section_count) return NULL;
    const Elf64_Shdr *names = &p->sections[s->sh_link];
    if (names->sh_type != SHT_STRTAB || symbol->st_name >= names->sh_size) return NULL;
    const char *name = (const char *)p->bytes + names->sh_offset + symbol->st_name;
    return memchr(name, 0, names->sh_size - symbol->st_name) ? name : NULL;
}

/* ---- Layout ---- */

static size_t aligned(size_t at, size_t to) {
    return (at + to - 1) / to * to;
}

static size_t place_area(struct linking *l, int area, size_t at) {
    for (size_t p = 0; p < l->count; p++) {
        struct part *part = &l->parts[p];
        for (size_t k = 0; k < part->section_count; k++) {
            if (area_of(part, k) != area) continue;
            at = aligned(at, part->sections[k].sh_addralign ? part->sections[k].sh_addralign : 1);
            part->offsets[k] = at + 1;
            at += part->sections[k].sh_size;
        }
    }
    return at;
}

static bool take_memory(struct linking *l) {
    size_t at = place_area(l, CODE, 0);
    l->jumps = aligned(at, RELOCATE_JUMP);
    l->begin[CONSTANTS] = aligned(l->jumps + l->most * RELOCATE_JUMP, l->page);
    at = place_area(l, CONSTANTS, l->begin[CONSTANTS]);
    l->cells = aligned(at, sizeof(uint64_t));
    l->begin[DATA] = aligned(l->cells + l->most * sizeof(uint64_t), l->page);
    l->begin[AREAS] = aligned(place_area(l, DATA, l->begin[DATA]), l->page);
    struct image *image = l->image;
    if (l->begin[AREAS] == 0 || l->begin[AREAS] >= (size_t)1 << 31) return false;
    void *memory = mmap(NULL, l->begin[AREAS], PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return false;
    image->memory = memory;
    image->size = l->begin[AREAS];
    return true;
}

static void copy_sections(struct linking *l) {
    for (size_t p = 0; p < l->count; p++)
        for (size_t k = 0; k < l->parts[p].section_count; k++) {
            const struct part *part = &l->parts[p];
            const Elf64_Shdr *s = &part->sections[k];
            if (part->offsets[k] && s->sh_type != SHT_NOBITS)
                memcpy(l->image->memory + part->offsets[k] - 1, part->bytes + s->sh_offset, s->sh_size);
        }
}

/* ---- Symbols ---- */

static size_t *slot_of(const struct linking *l, const char *name) {
    size_t hash = 5381;
    for (const char *at = name; *at; at++) hash = hash * 33 + (unsigned char)*at;
    size_t k = (hash ^ hash >> 15) & (l->slot_count - 1);
    while (l->slots[k] && strcmp(l->image->symbols.at[l->slots[k] - 1].name, name) != 0)
        k = (k + 1) & (l->slot_count - 1);
    return &l->slots[k];
}

/* The place of a part's symbol among those of the image, plus 1; 0: it has no name, or memory is exhausted.
 */
static size_t global_of(struct linking *l, const struct part *p, const Elf64_Sym *symbol, size_t number) {
    if (p->globals[number]) return p->globals[number];
    const char *name = symbol_name(p, symbol);
    size_t *slot = name ? slot_of(l, name) : NULL;
    if (slot && !*slot && VEC_PUSH(&l->image->symbols, ((struct global){.name = name})))
        *slot = l->image->symbols.count;
    return p->globals[number] = slot ? *slot : 0;
}

static bool is_defined(const Elf64_Sym *symbol) {
    return symbol->st_shndx != SHN_UNDEF && symbol->st_shndx < SHN_LORESERVE;
}

/* Where a symbol of this object stands; 0: in a section that is not loaded. */
static uint64_t address_in(const struct linking *l, const struct part *p, const Elf64_Sym *symbol) {
    if (symbol->st_shndx >= p->section_count || !p->offsets[symbol->st_shndx]) return 0;
    if (symbol->st_value > p->sections[symbol->st_shndx].sh_size) return 0;
    return (uint64_t)(uintptr_t)(l->image->memory + p->offsets[symbol->st_shndx] - 1) + symbol->st_value;
}

static bool define_symbols(struct linking *l) {
    for (size_t p = 0; p < l->count; p++) {
        size_t count;
        const Elf64_Sym *symbols = symbols_of(&l->parts[p], &count);
        for (size_t k = 0; k < count; k++) {
            if (ELF64_ST_BIND(symbols[k].st_info) == STB_LOCAL || !is_defined(&symbols[k])) continue;
            size_t place = global_of(l, &l->parts[p], &symbols[k], k);
            struct global *global = place ? &l->image->symbols.at[place - 1] : NULL;
            if (!global || global->address) return false;
            global->address = address_in(l, &l->parts[p], &symbols[k]);
            if (!global->address) return false;
        }
    }
    return true;
}

/* The most cells and jumps that can be needed: one per symbol that is not local. */
static bool count_globals(struct linking *l) {
    for (size_t p = 0; p < l->count; p++) {
        size_t count;
        const Elf64_Sym *symbols = symbols_of(&l->parts[p], &count);
        for (size_t k = 0; k < count; k++) l->most += ELF64_ST_BIND(symbols[k].st_info) != STB_LOCAL;
        l->parts[p].globals = calloc(count + 1, sizeof *l->parts[p].globals);
        if (!l->parts[p].globals) return false;
    }
    for (l->slot_count = 16; l->slot_count < 2 * l->most; l->slot_count *= 2) continue;
    l->slots = calloc(l->slot_count, sizeof *l->slots);
    return l->slots != NULL;
}

/* ---- Relocations ---- */

static uint64_t *cell_at(const struct linking *l, size_t k) {
    return (uint64_t *)(void *)(l->image->memory + l->cells) + k;
}

/* A cell with the address, and a jump through it. */
static bool give_cell(struct linking *l, struct global *global, uint64_t address) {
    if (global->cell) return true;
    if (l->cell_count >= l->most) return false;
    *cell_at(l, l->cell_count) = address;
    unsigned char *jump = l->image->memory + l->jumps + l->cell_count * RELOCATE_JUMP;
    global->cell = ++l->cell_count;
    return relocate_jump(jump, cell_at(l, global->cell - 1));
}

/* What a relocation of a global symbol points to; 0: nothing is there. */
static uint64_t reach_global(struct linking *l, struct global *global, enum reach reach) {
    if (!global->address && !global->outside) global->outside = symbol_address(global->name);
    uint64_t address = global->address ? global->address : global->outside;
    bool inside = global->address != 0;
    if (!address || reach == REACH_PLACE || (inside && reach != REACH_ADDRESS)) return address;
    if (!give_cell(l, global, address)) return 0;
    if (reach == REACH_ADDRESS) return (uint64_t)(uintptr_t)cell_at(l, global->cell - 1);
    return (uint64_t)(uintptr_t)(l->image->memory + l->jumps + (global->cell - 1) * RELOCATE_JUMP);
}

static uint64_t reach_symbol(struct linking *l, const struct part *p, const Elf64_Sym *symbols, size_t number,
                             uint32_t kind) {
    const Elf64_Sym *symbol = &symbols[number];
    enum reach reach = relocate_reach(kind);
    if (ELF64_ST_BIND(symbol->st_info) == STB_LOCAL)
        return is_defined(symbol) && reach != REACH_ADDRESS ? address_in(l, p, symbol) : 0;
    size_t place = global_of(l, p, symbol, number);
    return place ? reach_global(l, &l->image->symbols.at[place - 1], reach) : 0;
}

static bool relocate_one(struct linking *l, const struct part *p, size_t section, const Elf64_Rela *r) {
    size_t count;
    const Elf64_Sym *symbols = symbols_of(p, &count);
    uint32_t kind = (uint32_t)ELF64_R_TYPE(r->r_info);
    if (relocate_reach(kind) == REACH_NOTHING) return true;
    bool good = relocate_reach(kind) != REACH_UNKNOWN && ELF64_R_SYM(r->r_info) < count &&
                r->r_offset <= p->sections[section].sh_size &&
                p->sections[section].sh_size - r->r_offset >= relocate_size(kind);
    uint64_t target = good ? reach_symbol(l, p, symbols, ELF64_R_SYM(r->r_info), kind) : 0;
    return target && relocate_write(l->image->memory + p->offsets[section] - 1 + r->r_offset, kind, target,
                                    r->r_addend);
}

static bool relocate_part(struct linking *l, const struct part *p) {
    for (size_t k = 0; k < p->section_count; k++) {
        size_t count, section = p->sections[k].sh_info;
        if (p->sections[k].sh_type == SHT_REL) return false;
        if (p->sections[k].sh_type != SHT_RELA || section >= p->section_count || !p->offsets[section])
            continue;
        const Elf64_Rela *relocations = entries(p, &p->sections[k], sizeof *relocations, &count);
        for (size_t r = 0; r < count; r++)
            if (!relocate_one(l, p, section, &relocations[r])) return false;
    }
    return true;
}

/* ---- The whole ---- */

/* Names outlive the objects. */
static bool copy_names(struct image *image) {
    size_t length = 0;
    for (size_t k = 0; k < image->symbols.count; k++) length += strlen(image->symbols.at[k].name) + 1;
    image->names = malloc(length + 1);
    char *at = image->names;
    for (size_t k = 0; at && k < image->symbols.count; k++) {
        size_t size = strlen(image->symbols.at[k].name) + 1;
        memcpy(at, image->symbols.at[k].name, size);
        image->symbols.at[k].name = at;
        at += size;
    }
    return image->names != NULL;
}

static bool protect(const struct linking *l) {
    unsigned char *memory = l->image->memory;
    __builtin___clear_cache((char *)memory, (char *)memory + l->begin[CONSTANTS]);
    return (l->begin[CONSTANTS] == 0 || mprotect(memory, l->begin[CONSTANTS], PROT_READ | PROT_EXEC) == 0) &&
           (l->begin[DATA] == l->begin[CONSTANTS] ||
            mprotect(memory + l->begin[CONSTANTS], l->begin[DATA] - l->begin[CONSTANTS], PROT_READ) == 0);
}

static bool link_parts(struct linking *l) {
    for (size_t k = 0; k < l->count; k++)
        if (!read_head(&l->parts[k])) return false;
    if (!count_globals(l) || !take_memory(l)) return false;
    copy_sections(l);
    if (!define_symbols(l)) return false;
    for (size_t k = 0; k < l->count; k++)
        if (!relocate_part(l, &l->parts[k])) return false;
    return copy_names(l->image) && protect(l);
}

struct image *image_link(const struct image_object *objects, size_t count) {
    long page = sysconf(_SC_PAGESIZE);
    struct image *image = calloc(1, sizeof *image);
    struct part *parts = calloc(count + 1, sizeof *parts);
    struct linking l = {
        .image = image, .parts = parts, .count = count, .page = page > 0 ? (size_t)page : 4096};
    for (size_t k = 0; parts && k < count; k++) {
        parts[k].bytes = objects[k].bytes;
        parts[k].length = objects[k].length;
    }
    bool good = image && parts && link_parts(&l) && !image->symbols.failed;
    for (size_t k = 0; parts && k < count; k++) {
        free(parts[k].offsets);
        free(parts[k].globals);
    }
    free(parts);
    free(l.slots);
    if (good) return image;
    image_free(image);
    return NULL;
}

uintptr_t image_symbol(const struct image *image, const char *name) {
    for (size_t k = 0; k < image->symbols.count; k++)
        if (strcmp(image->symbols.at[k].name, name) == 0) return (uintptr_t)image->symbols.at[k].address;
    return 0;
}

void image_free(struct image *image) {
    if (!image) return;
    if (image->memory) munmap(image->memory, image->size);
    VEC_FREE(&image->symbols);
    free(image->names);
    free(image);
}
