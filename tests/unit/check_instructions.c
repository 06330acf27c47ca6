// SPDX-License-Identifier: MIT
/* No instruction of the BPF objects is one that Linux 5.10 lacks, whatever
 * compiler made them: a program that it cannot read is refused as a whole, even
 * if that instruction would never run. */
#include "pagefault/api.h"
#include "slab/api.h"

#include "pagefault/pagefault.skel.h"
#include "pagefault/pagefault_probe.skel.h"
#include "slab/slab.skel.h"
#include "slab/slab_page.skel.h"

#include "check_main.h"
#include "instructions.h"

#include <stdio.h>
#include <stdlib.h>

static const struct {
  const char *name;
  const void *(*bytes)(size_t *size);
} objects[] = {{"pagefault", pagefault_bpf__elf_bytes},
               {"pagefault_probe", pagefault_probe_bpf__elf_bytes},
               {"slab", slab_bpf__elf_bytes},
               {"slab_page", slab_page_bpf__elf_bytes}};

/* What 5.10 lacks and an object has nevertheless. */
static const struct exception {
  const char *object, *what, *target;
} exceptions[] = {
    /* Older kernels load pagefault_probe instead, which copies. */
    {"pagefault", CALL_OF_KERNEL, "bpf_rdonly_cast"}, /* 6.2 */
    /* Older ones load slab_page, which looks into pages and has no bpf_loop().
     */
    {"slab", CALL_OF_KERNEL, "bpf_get_kmem_cache"}, /* 6.13 */
    {"slab", FUNCTION_ADDRESS, "bulk_free_object"},
#ifndef __x86_64__
    /* atomic_publish(): stores are not in order there. No kernel for arm64 runs
     * these programs before 6.1. */
    {"slab", EXCHANGE, NULL},
    {"slab_page", EXCHANGE, NULL},
#endif
};

/* What the way through one object has seen. */
struct seen {
  const char *object;
  unsigned instructions, lacking;
  unsigned excepted[ARRAY_SIZE(exceptions)];
};

static bool is_exception(const struct exception *exception, const char *object,
                         const char *what, const char *target) {
  return !strcmp(exception->object, object) && !strcmp(exception->what, what) &&
         (!exception->target || (target && !strcmp(exception->target, target)));
}

static void look(void *context, const struct instruction *at) {
  const char *what = instruction_lacks(at);
  struct seen *seen = context;

  seen->instructions++;
  if (!what)
    return;
  for (size_t i = 0; i < ARRAY_SIZE(exceptions); i++)
    if (is_exception(&exceptions[i], seen->object, what, at->target)) {
      seen->excepted[i]++;
      return;
    }
  seen->lacking++;
  fprintf(
      stderr,
      "%s: section %s, %s(), instruction %zu, code %#x: 5.10 lacks %s%s%s\n",
      seen->object, at->section, at->function, at->offset, at->code->code, what,
      at->target ? " " : "", at->target ? at->target : "");
}

START_TEST(objects_have_only_instructions_of_5_10) {
  size_t size;
  const void *bytes = objects[_i].bytes(&size);
  struct object_code object;
  struct seen seen = {.object = objects[_i].name};

  ck_assert(object_code_open(bytes, size, &object));
  object_code_visit(&object, look, &seen);
  elf_end(object.elf);
  ck_assert_uint_gt(seen.instructions, 100);
  ck_assert_msg(!seen.lacking, "%s has %u that 5.10 lacks", seen.object,
                seen.lacking);
  for (size_t i = 0; i < ARRAY_SIZE(exceptions); i++)
    if (!strcmp(exceptions[i].object, seen.object))
      ck_assert_msg(seen.excepted[i], "%s has no %s any more", seen.object,
                    exceptions[i].what);
}
END_TEST

static void count_exchanges(void *context, const struct instruction *at) {
  const char *what = instruction_lacks(at);

  *(unsigned *)context += what && !strcmp(what, EXCHANGE);
}

/* Make the first instruction of each function an exchange. */
static void spoil(void *context, const struct instruction *at) {
  static const struct bpf_insn exchange = {
      .code = BPF_STX | CODE_ATOMIC | BPF_DW, .imm = ATOMIC_EXCHANGE};
  const char **last = context;

  if (*last != at->function)
    memcpy((void *)(uintptr_t)at->code, &exchange, sizeof(exchange));
  *last = at->function;
}

static unsigned count_functions(const struct object_code *object) {
  unsigned count = 0;
  GElf_Sym symbol;

  for (size_t i = 0; i < object->symbol_count; i++)
    count += is_function(object, i, &symbol);
  return count;
}

/* Whatever function has one, static ones in .text, too. */
START_TEST(each_function_is_looked_at) {
  unsigned before = 0, after = 0;
  const char *last = NULL;
  struct object_code object;
  size_t size;
  const void *bytes = objects[_i].bytes(&size);
  void *copy = malloc(size);

  ck_assert_ptr_nonnull(copy);
  memcpy(copy, bytes, size);
  ck_assert(object_code_open(copy, size, &object));
  object_code_visit(&object, count_exchanges, &before);
  object_code_visit(&object, spoil, &last);
  object_code_visit(&object, count_exchanges, &after);
  ck_assert_uint_gt(after, 5);
  ck_assert_uint_eq(after - before, count_functions(&object));
  elf_end(object.elf);
  free(copy);
}
END_TEST

/* Made up; the fields are code, destination, source, offset and constant. */
static const struct {
  struct bpf_insn insn;
  const char *what;
} newer[] = {
    {{BPF_STX | CODE_ATOMIC | BPF_DW, 1, 2, 8, BPF_ADD | ATOMIC_FETCH},
     "atomic that fetches (5.12)"},
    {{BPF_STX | CODE_ATOMIC | BPF_W, 1, 2, 8, BPF_ADD | ATOMIC_FETCH},
     "atomic that fetches (5.12)"},
    {{BPF_STX | CODE_ATOMIC | BPF_DW, 1, 2, 0, BPF_OR},
     "atomic and, or, xor (5.12)"},
    {{BPF_STX | CODE_ATOMIC | BPF_DW, 1, 2, 0, BPF_AND},
     "atomic and, or, xor (5.12)"},
    {{BPF_STX | CODE_ATOMIC | BPF_DW, 1, 2, 0, BPF_XOR},
     "atomic and, or, xor (5.12)"},
    {{BPF_STX | CODE_ATOMIC | BPF_DW, 1, 2, 0, BPF_XOR | ATOMIC_FETCH},
     "atomic that fetches (5.12)"},
    {{BPF_STX | CODE_ATOMIC | BPF_DW, 1, 2, 0, ATOMIC_EXCHANGE}, EXCHANGE},
    {{BPF_STX | CODE_ATOMIC | BPF_W, 1, 2, 0, ATOMIC_COMPARE},
     "atomic compare and exchange (5.12)"},
    {{BPF_STX | CODE_ATOMIC | BPF_DW, 1, 2, 0, ATOMIC_LOAD_ACQUIRE},
     "load that acquires (6.15)"},
    {{BPF_STX | CODE_ATOMIC | BPF_W, 1, 2, 0, ATOMIC_STORE_RELEASE},
     "store that releases (6.15)"},
    {{BPF_STX | CODE_ATOMIC | BPF_B, 1, 2, 0, BPF_ADD},
     "atomic add of less than 32 bits"},
    {{BPF_LDX | CODE_MODE_LOAD_SIGNED | BPF_W, 1, 2, 0, 0},
     "sign-extending load (6.6)"},
    {{BPF_LDX | CODE_MODE_LOAD_SIGNED | BPF_B, 1, 2, 0, 0},
     "sign-extending load (6.6)"},
    {{BPF_ALU64 | BPF_MOV | BPF_X, 1, 2, 32, 0}, "sign-extending move (6.6)"},
    {{BPF_ALU | BPF_MOV | BPF_X, 1, 2, 8, 0}, "sign-extending move (6.6)"},
    {{BPF_ALU64 | BPF_DIV | BPF_X, 1, 2, 1, 0}, "signed division (6.6)"},
    {{BPF_ALU | BPF_MOD | BPF_K, 1, 0, 1, 7}, "signed division (6.6)"},
    {{BPF_ALU64 | BPF_END, 1, 0, 0, 64}, "unconditional byte swap (6.6)"},
    {{BPF_JMP32 | BPF_JA, 0, 0, 0, 70000}, "far jump (6.6)"},
    {{BPF_JMP | BPF_JA | BPF_X, 1, 0, 0, 0}, "indirect jump"},
    {{BPF_JMP | CODE_OP_MAY_GOTO, 0, 0, 3, 0}, "jump that may be taken (6.9)"},
    {{BPF_JMP | BPF_CALL, 0, 2, 0, 1234}, CALL_OF_KERNEL},
    {{BPF_JMP | BPF_CALL | BPF_X, 0, 0, 0, 3}, "call by a register"},
    {{BPF_LD | BPF_IMM | BPF_DW, 1, LOAD_FUNCTION, 0, 0}, FUNCTION_ADDRESS},
    {{BPF_LD | BPF_IMM | BPF_DW, 1, 6, 0, 0}, "unknown 64-bit load (5.14)"},
    {{0xf4, 1, 0, 0, 0}, "unknown arithmetic"},
    {{BPF_LDX | 0xe0 | BPF_W, 1, 2, 0, 0}, "unknown load or store"},
};

START_TEST(newer_instructions_are_told) {
  const struct instruction at = {.code = &newer[_i].insn};

  ck_assert_pstr_eq(instruction_lacks(&at), newer[_i].what);
}
END_TEST

static const struct bpf_insn known[] = {
    {BPF_STX | CODE_ATOMIC | BPF_DW, 1, 2, 8, BPF_ADD},
    {BPF_STX | CODE_ATOMIC | BPF_W, 1, 2, -8, BPF_ADD},
    {BPF_LDX | BPF_MEM | BPF_B, 1, 2, 5, 0},
    {BPF_STX | BPF_MEM | BPF_H, 10, 2, -4, 0},
    {BPF_ST | BPF_MEM | BPF_DW, 10, 0, -8, 42},
    {BPF_ALU64 | BPF_MOV | BPF_X, 1, 2, 0, 0},
    {BPF_ALU | BPF_MOV | BPF_K, 1, 0, 0, -1},
    {BPF_ALU64 | BPF_ARSH | BPF_K, 1, 0, 0, 32},
    {BPF_ALU64 | BPF_DIV | BPF_X, 1, 2, 0, 0},
    {BPF_ALU64 | BPF_NEG, 1, 0, 0, 0},
    {BPF_ALU | BPF_END | BPF_TO_BE, 1, 0, 0, 16},
    {BPF_JMP | BPF_JA, 0, 0, -3, 0},
    {BPF_JMP | BPF_JSLE | BPF_X, 1, 2, 3, 0},
    {BPF_JMP32 | BPF_JSET | BPF_K, 1, 0, 3, 4},
    {BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_map_lookup_elem},
    {BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, 12},
    {BPF_JMP | BPF_EXIT, 0, 0, 0, 0},
    {BPF_LD | BPF_IMM | BPF_DW, 1, 0, 0, 7},
    {BPF_LD | BPF_IMM | BPF_DW, 1, BPF_PSEUDO_MAP_VALUE, 0, 7},
};

START_TEST(instructions_of_5_10_pass) {
  const struct instruction at = {.code = &known[_i]};

  ck_assert_pstr_eq(instruction_lacks(&at), NULL);
}
END_TEST

/* What only a relocation tells. */
START_TEST(relocations_tell_what_is_called) {
  static const struct bpf_insn call = {BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL,
                                       0, -1},
                               load = {BPF_LD | BPF_IMM | BPF_DW, 1, 0, 0, 0};
  struct instruction at = {.code = &call, .target_is_outside = true};

  ck_assert_pstr_eq(instruction_lacks(&at), CALL_OF_KERNEL);
  at = (struct instruction){.code = &load, .target_is_outside = true};
  ck_assert_pstr_eq(instruction_lacks(&at), NULL);
  at = (struct instruction){.code = &load, .target_is_code = true};
  ck_assert_pstr_eq(instruction_lacks(&at), FUNCTION_ADDRESS);
}
END_TEST

Suite *suite(void) {
  Suite *suite = suite_create("instructions");
  TCase *all = tcase_create("instructions");

  tcase_set_timeout(all, TIMEOUT);
  tcase_add_loop_test(all, objects_have_only_instructions_of_5_10, 0,
                      ARRAY_SIZE(objects));
  tcase_add_loop_test(all, each_function_is_looked_at, 0, ARRAY_SIZE(objects));
  tcase_add_loop_test(all, newer_instructions_are_told, 0, ARRAY_SIZE(newer));
  tcase_add_loop_test(all, instructions_of_5_10_pass, 0, ARRAY_SIZE(known));
  tcase_add_test(all, relocations_tell_what_is_called);
  suite_add_tcase(suite, all);
  return suite;
}
