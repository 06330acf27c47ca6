#!/bin/bash
# SPDX-License-Identifier: MIT
# Who may include what, which headers compile alone, what may call what, what the
# plugin exports, and whether the tarball has everything.
set -eu
# shellcheck source=tests/complain.sh
. "$(dirname "$0")/complain.sh"

src=${BPFMEM_SRCDIR:-$(dirname "$0")/..}
build=$(cd "${BPFMEM_BUILDDIR:-$src}" && pwd)
cd "$src"

sources() {
  find "$@" -name '*.[ch]' ! -name '*.skel.h' | sort
}

# Print "FILE:LINE:#include ..." of the includes in $1.. that match regex $re.
includes() {
  # shellcheck disable=SC2046 # no file name has a space
  grep -HnE "^[[:space:]]*#[[:space:]]*include[[:space:]]*[<\"]$re" \
    $(sources "$@") || true
}

pure='(assert|ctype|errno|inttypes|limits|math|regex|stdarg|stdbool|stddef'
pure+='|stdint|stdio|stdlib|string|strings|uthash|utlist)[.]h>'
re=''
includes plugin/core | grep -vE "(<$pure|\"core/[a-z]+[.]h\")" |
  complain 'plugin/core includes more than itself and pure C'

# settings.h has the names of hooks. Own headers are those in quotes.
re='.*"'
includes plugin/kernel | grep -vE '"(kernel/[a-z]+|core/settings)[.]h"' |
  complain 'plugin/kernel includes more than itself and core/settings.h'
for probe in pagefault slab; do
  includes "plugin/$probe" "bpf/$probe" |
    grep -vE "(\"$probe/|^plugin/[^\"]*\"((core|kernel)/|probe[.]h)|^bpf/[^\"]*\"[a-z_]+([.]bpf)?[.]h)" |
    complain "$probe includes another probe, or what no probe may"
done

# What reads the kernel's data by itself, or compiled programs, with libbpf.
re='(bpf/|libelf[.]h|gelf[.]h|.*[.]skel[.]h|.*/api[.]h|.*[.]bpf[.]h)'
includes plugin contrib tests |
  grep -vE '^(plugin/(kernel|pagefault|slab)/|tests/bench/|tests/unit/((fake_kernel|instructions|opened_objects)[.]h|check_(attach|contract|features|instructions|log|mappings|pagefault_object|refusal|run|slab)[.]c):|tests/workload/objects_tasks[.]c:)' |
  complain 'only plugin/kernel, the probes, their tests and benchmarks may include libbpf and bpf/'

re='(collectd[.]h|(core/)?(daemon/)?(plugin|configfile|utils_[a-z_]*)[.]h'
re+='|(core/)?utils/|(core/)?liboconfig/|collectd/)'
includes bpf plugin contrib tests |
  grep -vE '^(plugin/(module|dispatch)|tests/unit/(check_dispatch|fake_(collectd|log))|tests/inject/host)[.]' |
  complain 'only plugin/module.c and dispatch.c may include collectd'

# shellcheck disable=SC2046 # no file name has a space
{ grep -HnE 'bpf_map_{1,2}[a-z_]*(update|delete|lookup_and)' $(sources plugin) || true; } |
  complain 'maps change by run_slots(), for the reason in plugin/kernel/run.h'

# compiles_alone COMPILER ROOT HEADER: so no header counts on who includes it.
# The compiler's directories are relative to the build's.
compiles_alone() {
  local output
  # shellcheck disable=SC2086 # words are options
  output=$(echo "#include \"${3#"$2"/}\"" |
    (cd "$build" && $1 -Werror -Wno-unused-function -fsyntax-only -x c -) 2>&1) ||
    { echo "$3:" && grep -m 1 -w error <<<"$output" || echo "$output"; }
}

compile=${BPFMEM_COMPILE:-cc -std=gnu11 -I$PWD/plugin -I$PWD/bpf}
bpf_compile=${BPFMEM_BPF_COMPILE:-clang -target bpf -std=gnu11 -D__TARGET_ARCH_x86 -I$PWD/bpf}
sources bpf plugin | while IFS= read -r file; do
  case $file in
  bpf/*.h) compiles_alone "$bpf_compile" bpf "$file" ;;
  plugin/*.h) compiles_alone "$compile" plugin "$file" ;;
  esac
done | complain 'does not compile alone'

# Whether the tarball has $1: by its name, or with a directory that it is in.
is_listed() {
  local path=$1
  while [[ $path == */* || $path == .ci ]]; do
    ! grep -qE "(^|[[:space:]])${path//./[.]}([[:space:]]|\$)" \
      Makefile.am tests/tests.mk || return 0
    [[ $path == */* ]] || return 1
    path=${path%/*}
  done
  return 1
}

# Git knows which scripts and documents there are; a tarball has only what it
# has.
{
  sources bpf plugin contrib tests
  git ls-files .ci bpf collectd.conf.d contrib man plugin tests 2>/dev/null
} | sort -u | while IFS= read -r file; do
  is_listed "$file" || echo "$file"
done | complain 'not in Makefile.am, so not in the tarball'

# The ways through the code in CONTRIBUTING.md: "FILE: function -> function, ...".
grep -E '^(bpf|plugin)/[^ ]+: ' CONTRIBUTING.md | while IFS=: read -r file names; do
  for name in ${names//[^a-z0-9_]/ }; do
    grep -qsw "$name" "$file" || echo "$file: $name"
  done
done | complain 'CONTRIBUTING.md names a function that is not there'

# Where packages come from is the business of the machine's own configuration.
hosts='(deb|archive|security|mirrors?|registry|proxy|index|pypi|npm)'
hosts+='[.][a-z0-9-]+[.](org|com|net|io)'
grep -rnE --exclude-dir=.git --exclude-dir=build-aux --exclude-dir='autom4te*' \
  --exclude='*.m4' "$hosts" bpf plugin contrib tests man README.md \
  CONTRIBUTING.md NEWS.md Makefile.am tests/tests.mk configure.ac .ci 2>/dev/null |
  complain 'names the host of a package registry'

# What the core calls and keeps, as the compiler saw it. Instrumented code has
# data and calls of its own.
core=$build/.libs/libcore.a
if [ -f "$core" ] && ! nm "$core" | grep -qE '__(asan|gcov|ubsan)'; then
  calls='(__)?(v?f?d?printf|puts|f?putc|fopen|fread|fwrite|open|openat|read'
  calls+='|write|ioctl|syslog|time|clock|clock_gettime|gettimeofday|getenv'
  calls+='|exit|abort|socket|pthread_[a-z_]*)(64|_chk)?'
  nm -u "$core" | grep -E "^ *U $calls\$" |
    complain 'plugin/core does input, output or reads a clock'
  size -A "$core" | awk '/^[^ ].*:$|ex / { file = $1 }
    $1 ~ /^[.](data|bss)([.]|$)/ && $1 !~ /rel[.]ro/ && $2 > 0 {
      print file, $1, $2, "bytes" }' |
    complain 'plugin/core has variables that are not constant'
fi

so=$build/.libs/bpfmem.so
if [ -f "$so" ]; then
  nm -D --defined-only "$so" | awk '{ print $3 }' | grep -vx module_register |
    complain 'bpfmem.so exports more than module_register'
  nm -D --defined-only "$so" | grep -q ' T module_register$' ||
    echo module_register | complain 'bpfmem.so does not export'
fi

# The daemon loads with RTLD_NOW: one name that it lacks ends its start.
daemon=$(PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin command -v collectd || :)
if [ -f "$so" ] && [ -n "$daemon" ]; then
  nm -D --undefined-only "$so" | awk '$1 == "U" && $2 !~ /@/ { print $2 }' |
    grep -vxF "$(nm -D --defined-only "$daemon" | awk '{ print $3 }')" |
    complain "bpfmem.so wants what $daemon does not have"
fi

[ $bad -eq 0 ]
