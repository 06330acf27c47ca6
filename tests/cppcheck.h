/* SPDX-License-Identifier: MIT */
/* Macros of libraries, for cppcheck, which does not read system headers. */
#define HASH_ITER(hh, head, el, tmp) for (el = tmp = head; el; el = tmp)
#define LL_FOREACH_SAFE(head, el, tmp) for (el = tmp = head; el; el = tmp)
#define bpf_object__for_each_program(p, o) for (p = 0; p; p = 0)
#define LIBBPF_OPTS(type, name, ...) struct type name = {__VA_ARGS__}
