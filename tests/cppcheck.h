/* SPDX-License-Identifier: MIT */
/* libbpf's macros, for cppcheck, which does not read system headers. */
#define bpf_object__for_each_program(p, o) for (p = 0; p; p = 0)
#define LIBBPF_OPTS(type, name, ...) struct type name = {__VA_ARGS__}
