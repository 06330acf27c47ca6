# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Shared by tests that look for what collectd holds in the kernel, and whether it
# is gone with it. To be sourced after lib.sh.

# shellcheck disable=SC2154 # what lib.sh sets

command -v bpftool >/dev/null || skip 'needs bpftool, to look at the kernel'

# Print "prog ID", "map ID", "link ID" of all that collectd holds.
held() {
  sed -n 's/^\(prog\|map\|link\)_id:[[:space:]]*/\1 /p' \
    "/proc/$collectd/fdinfo"/* 2>/dev/null | sort -u
}

# Whether nothing that is listed in the file is in the kernel any more.
is_gone() {
  local kind id
  while read -r kind id; do
    ! bpftool "$kind" show id "$id" >/dev/null 2>&1 || return 1
  done <"$1"
}

# Print how many of each kind the file lists.
held_counts() {
  cut -d' ' -f1 "$1" | sort | uniq -c | tr -s ' \n' ' '
}
