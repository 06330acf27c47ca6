#!/bin/bash
# SPDX-License-Identifier: MIT
# Hostile file names become harmless series names, and keep their counts.
set -eu
# shellcheck source=tests/daemon/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/daemon/paths.sh
. "$(dirname "$0")/paths.sh"
need_daemon
enter_paths

names=('a blank' "single'quote" 'double"quote' $'new\nline' $'tab\tand\rcr'
  'ümläut' $'\xff\xfeinvalid' 'a;b{c}*?[d]' 'back\slash' "dollar\$(true)\`id\`"
  'comma,equals=colon:' '%s%n' '~tilde' '-dash' '...' '#4711x' 'at@12345678')
# Every byte that a name can have, in names that labels keep whole.
for ((i = 1; i < 256; i++)); do
  # shellcheck disable=SC2059 # the format is what is computed
  [ $i -eq 47 ] || printf -v "bytes[$i]" "\\x$(printf %x $i)"
done
IFS=
names+=("${bytes[*]:0:64}" "${bytes[*]:64:64}" "${bytes[*]:128:64}"
  "${bytes[*]:192}")
# The longest name there is, of such bytes.
printf -v long '%255s' ''
names+=("${long// /$'\xe4'}")
unset IFS

# shellcheck disable=SC2034 # for start_paths
also='/^.(anon|heap|other|root)$/'
start_paths
dir=$marker-names
mkdir "$dir"
for name in "${names[@]}"; do
  make_file "$dir/$name"
  see "$scratch/$dir/$name" "$dir/$name"
done
# A file of the name of a class is no class.
for name in anon heap other root; do
  make_file "$dir/$name"
  fault_as "/$name" -p "$scratch/$dir" "/$name"
done
await_faults
for name in "${!want_minor[@]}"; do
  [ ${#name} -le 127 ] || wrong "longer than 127 bytes: $name"
done
! entities pagefault | LC_ALL=C grep '[^A-Za-z0-9._+~@-]' ||
  wrong 'odd bytes in a name'
finish_paths
