#!/bin/bash
# SPDX-License-Identifier: MIT
# Hostile file names become harmless series names, and keep their counts.
set -eu
# shellcheck source=tests/daemon/lib.sh
. "$(dirname "$0")/lib.sh"
need_daemon
enter_scratch

names=('a blank' "single'quote" 'double"quote' $'new\nline' $'tab\tand\rcr'
  'ümläut' $'\xff\xfeinvalid' 'a;b{c}*?[d]' 'back\slash' "dollar\$(true)\`id\`"
  'comma,equals=colon:' '%s%n' '~tilde' '-dash' '...')
plain='[^A-Za-z0-9._+~@-]'

start <<END
  CollectSlab false
  <PageFaults>
    Hooks "$hooks"
    File "/^$scratch//"
    MaxSeries 100
  </PageFaults>
END

# The series of files in here, but for those that a workload tries out on.
files() {
  entities pagefault | grep -F "${scratch##*/}~" | grep -vF .warm || :
}

for name in "${names[@]}"; do
  files >before
  # An odd number of runs for each, so that no two have the same counts.
  minor=0
  for ((runs = 0; runs <= $(wc -l <before); runs++)); do
    read -r _ count _ < <("$faults" private_write "$scratch/$name")
    minor=$((minor + count))
  done
  await_faults
  files >after
  new=$(grep -vxF -f before after || :)
  say "$(printf %q "$name"): ${new:-no series}"
  [ "$(printf '%s' "$new" | grep -c .)" -eq 1 ] || fail "not one new series"
  ! [[ $new =~ $plain ]] || fail "odd bytes in it"
  [ ${#new} -le 127 ] || fail "longer than 127 bytes"
  [ "$(last_of 1 "pagefault-$new/ps_pagefaults")" = "$minor" ] ||
    fail "$(last "pagefault-$new/ps_pagefaults"), not $minor"
done
! entities pagefault | grep -q "$plain" || fail 'odd bytes in a name'
check_monotone
stop
