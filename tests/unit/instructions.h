/* SPDX-License-Identifier: MIT */
/* What Linux 5.10 does not know of a BPF instruction, and the way through all
 * instructions of an object, those of static functions included. */
#ifndef BPFMEM_INSTRUCTIONS_H
#define BPFMEM_INSTRUCTIONS_H

#include <gelf.h>
#include <linux/bpf.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Newer than the headers of some machines. */
#define CODE_MODE_LOAD_SIGNED 0x80 /* 6.6 */
#define CODE_OP_MAY_GOTO 0xe0      /* 6.9 */
#define CODE_ATOMIC 0xc0           /* BPF_XADD in 5.10 */
#define ATOMIC_FETCH 0x01          /* 5.12, 5ca419f2864a */
#define ATOMIC_EXCHANGE 0xe1       /* 5.12, 5ffa25502b5a */
#define ATOMIC_COMPARE 0xf1        /* the same */
#define ATOMIC_LOAD_ACQUIRE 0x100  /* 6.15, 880442305a39 */
#define ATOMIC_STORE_RELEASE 0x110 /* the same */
#define LOAD_FUNCTION 4            /* source of a 64-bit load: 5.13 */

#define CALL_OF_KERNEL "call of a kernel function (5.13)"
#define FUNCTION_ADDRESS "address of a function (5.13)"
#define EXCHANGE "atomic exchange (5.12)"

/* An instruction and where it stands. */
struct instruction {
  const struct bpf_insn *code;
  const char *section, *function;
  size_t offset; /* in the section, in instructions */
  /* What a relocation puts in, NULL without one. */
  const char *target;
  bool target_is_outside, target_is_code;
};

/* What follows is as the verifier of 5.10 has it: kernel/bpf/verifier.c,
 * resolve_pseudo_ldimm64(), check_alu_op(), do_check(), check_cond_jmp_op(). */
static inline const char *alu_lacks(const struct bpf_insn *insn) {
  uint8_t op = BPF_OP(insn->code);
  bool by_register = BPF_SRC(insn->code) == BPF_X;

  if (op > BPF_END)
    return "unknown arithmetic";
  if (op == BPF_END && BPF_CLASS(insn->code) == BPF_ALU64)
    return "unconditional byte swap (6.6)";
  if (insn->off && op == BPF_MOV)
    return "sign-extending move (6.6)";
  if (insn->off && (op == BPF_DIV || op == BPF_MOD))
    return "signed division (6.6)";
  if (insn->off)
    return "arithmetic with an offset";
  if (op == BPF_END)
    return insn->src_reg ? "byte swap with a source" : NULL;
  if (op == BPF_NEG)
    return by_register || insn->src_reg || insn->imm ? "negation with a source"
                                                     : NULL;
  return by_register ? (insn->imm ? "arithmetic with a third operand" : NULL)
                     : (insn->src_reg ? "constant and source at once" : NULL);
}

static inline const char *atomic_lacks(const struct bpf_insn *insn) {
  switch (insn->imm) {
  case BPF_ADD:
    return BPF_SIZE(insn->code) == BPF_W || BPF_SIZE(insn->code) == BPF_DW
               ? NULL
               : "atomic add of less than 32 bits";
  case ATOMIC_EXCHANGE:
    return EXCHANGE;
  case ATOMIC_COMPARE:
    return "atomic compare and exchange (5.12)";
  case ATOMIC_LOAD_ACQUIRE:
    return "load that acquires (6.15)";
  case ATOMIC_STORE_RELEASE:
    return "store that releases (6.15)";
  default:
    return insn->imm & ATOMIC_FETCH ? "atomic that fetches (5.12)"
                                    : "atomic and, or, xor (5.12)";
  }
}

static inline const char *memory_lacks(const struct bpf_insn *insn) {
  uint8_t class = BPF_CLASS(insn->code), mode = BPF_MODE(insn->code);

  if (class == BPF_LDX && mode == CODE_MODE_LOAD_SIGNED)
    return "sign-extending load (6.6)";
  if (class == BPF_STX && mode == CODE_ATOMIC)
    return atomic_lacks(insn);
  if (mode != BPF_MEM)
    return "unknown load or store";
  if (class == BPF_ST)
    return insn->src_reg ? "store of constant and source at once" : NULL;
  return insn->imm ? "load or store with a constant" : NULL;
}

static inline const char *load_lacks(const struct instruction *at) {
  const struct bpf_insn *insn = at->code;
  uint8_t mode = BPF_MODE(insn->code);

  if (mode == BPF_ABS || mode == BPF_IND)
    return BPF_SIZE(insn->code) == BPF_DW ? "unknown load of a packet" : NULL;
  if (insn->code != (BPF_LD | BPF_IMM | BPF_DW) || insn->off)
    return "unknown load of a constant";
  if (insn->src_reg == LOAD_FUNCTION || at->target_is_code)
    return FUNCTION_ADDRESS;
  return insn->src_reg > LOAD_FUNCTION ? "unknown 64-bit load (5.14)" : NULL;
}

static inline const char *call_lacks(const struct instruction *at) {
  const struct bpf_insn *insn = at->code;

  if (insn->src_reg > BPF_PSEUDO_CALL || at->target_is_outside)
    return CALL_OF_KERNEL;
  return BPF_SRC(insn->code) != BPF_K || insn->off || insn->dst_reg
             ? "call by a register"
             : NULL;
}

static inline const char *jump_lacks(const struct instruction *at) {
  const struct bpf_insn *insn = at->code;
  bool is_32 = BPF_CLASS(insn->code) == BPF_JMP32;
  bool by_register = BPF_SRC(insn->code) == BPF_X;

  switch (BPF_OP(insn->code)) {
  case BPF_CALL:
    return is_32 ? "unknown call" : call_lacks(at);
  case BPF_EXIT:
    return is_32 || by_register || insn->imm ? "unknown exit" : NULL;
  case BPF_JA:
    if (is_32)
      return "far jump (6.6)";
    return by_register || insn->imm ? "indirect jump" : NULL;
  case CODE_OP_MAY_GOTO:
    return "jump that may be taken (6.9)";
  default:
    if (BPF_OP(insn->code) > BPF_JSLE)
      return "unknown jump";
    return (by_register ? insn->imm != 0 : insn->src_reg != 0)
               ? "jump with a third operand"
               : NULL;
  }
}

/* NULL if 5.10 knows it, else what it is. */
static inline const char *instruction_lacks(const struct instruction *at) {
  switch (BPF_CLASS(at->code->code)) {
  case BPF_ALU:
  case BPF_ALU64:
    return alu_lacks(at->code);
  case BPF_JMP:
  case BPF_JMP32:
    return jump_lacks(at);
  case BPF_LD:
    return load_lacks(at);
  default:
    return memory_lacks(at->code);
  }
}

/* --- The way through an object ---------------------------------------------*/

struct object_code {
  Elf *elf;
  size_t names; /* of sections */
  Elf_Data *symbols;
  size_t symbol_names, symbol_count;
};

static inline bool is_code(Elf_Scn *section) {
  GElf_Shdr header;

  return section && gelf_getshdr(section, &header) &&
         header.sh_type == SHT_PROGBITS && header.sh_flags & SHF_EXECINSTR;
}

/* The bytes must stay. False when they are no object with symbols. */
static inline bool object_code_open(const void *bytes, size_t size,
                                    struct object_code *ret_object) {
  Elf_Scn *section = NULL;
  GElf_Shdr header;

  elf_version(EV_CURRENT);
  *ret_object = (struct object_code){.elf = elf_memory((char *)bytes, size)};
  if (!ret_object->elf ||
      elf_getshdrstrndx(ret_object->elf, &ret_object->names))
    return false;
  while ((section = elf_nextscn(ret_object->elf, section))) {
    if (!gelf_getshdr(section, &header) || header.sh_type != SHT_SYMTAB)
      continue;
    ret_object->symbols = elf_getdata(section, NULL);
    ret_object->symbol_names = header.sh_link;
    ret_object->symbol_count = header.sh_size / header.sh_entsize;
  }
  return ret_object->symbols != NULL;
}

/* Whether symbol `i` is a function of the object. */
static inline bool is_function(const struct object_code *object, size_t i,
                               GElf_Sym *ret_symbol) {
  return gelf_getsym(object->symbols, (int)i, ret_symbol) &&
         GELF_ST_TYPE(ret_symbol->st_info) == STT_FUNC &&
         ret_symbol->st_shndx != SHN_UNDEF;
}

/* The function that has that byte of a section. */
static inline const char *function_at(const struct object_code *object,
                                      size_t section, size_t offset) {
  GElf_Sym symbol;

  for (size_t i = 0; i < object->symbol_count; i++)
    if (is_function(object, i, &symbol) && symbol.st_shndx == section &&
        symbol.st_value <= offset && offset - symbol.st_value < symbol.st_size)
      return elf_strptr(object->elf, object->symbol_names, symbol.st_name);
  return "(no function)";
}

/* The relocations of that section; NULL: it has none. */
static inline Elf_Data *relocations_of(const struct object_code *object,
                                       size_t section) {
  Elf_Scn *other = NULL;
  GElf_Shdr header;

  while ((other = elf_nextscn(object->elf, other)))
    if (gelf_getshdr(other, &header) && header.sh_type == SHT_REL &&
        header.sh_info == section)
      return elf_getdata(other, NULL);
  return NULL;
}

/* The name of a relocation's target; of what a 64-bit load takes from a section
 * of code, the function. */
static inline const char *target_name(const struct object_code *object,
                                      const GElf_Sym *symbol,
                                      const struct instruction *at) {
  if (at->target_is_code && BPF_CLASS(at->code->code) == BPF_LD)
    return function_at(object, symbol->st_shndx,
                       symbol->st_value + (size_t)at->code->imm);
  return elf_strptr(object->elf, object->symbol_names, symbol->st_name);
}

/* Set what a relocation puts in there. */
static inline void find_target(const struct object_code *object,
                               Elf_Data *relocations, struct instruction *at) {
  GElf_Sym symbol;
  GElf_Rel rel;

  at->target = NULL;
  at->target_is_outside = at->target_is_code = false;
  for (int i = 0; relocations && gelf_getrel(relocations, i, &rel); i++) {
    if (rel.r_offset != at->offset * sizeof(*at->code) ||
        !gelf_getsym(object->symbols, (int)GELF_R_SYM(rel.r_info), &symbol))
      continue;
    at->target_is_outside = symbol.st_shndx == SHN_UNDEF;
    at->target_is_code = is_code(elf_getscn(object->elf, symbol.st_shndx));
    at->target = target_name(object, &symbol, at);
  }
}

/* Calls `visit` for each instruction; the second half of a 64-bit load is none.
 */
static inline void
object_code_visit(const struct object_code *object,
                  void (*visit)(void *context, const struct instruction *at),
                  void *context) {
  Elf_Scn *section = NULL;

  while ((section = elf_nextscn(object->elf, section))) {
    size_t index = elf_ndxscn(section);
    Elf_Data *relocations, *data;
    struct instruction at = {0};
    const struct bpf_insn *code;
    GElf_Shdr header;

    if (!is_code(section))
      continue;
    gelf_getshdr(section, &header);
    at.section = elf_strptr(object->elf, object->names, header.sh_name);
    relocations = relocations_of(object, index);
    data = elf_rawdata(section, NULL);
    code = data->d_buf;
    for (size_t i = 0; i < data->d_size / sizeof(*code); i++) {
      at.code = &code[i];
      at.offset = i;
      at.function = function_at(object, index, i * sizeof(*code));
      find_target(object, relocations, &at);
      visit(context, &at);
      i += at.code->code == (BPF_LD | BPF_IMM | BPF_DW);
    }
  }
}

#endif
