# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# For the checks of the sources: to be sourced. Each ends with the status $bad.

shopt -s lastpipe # complain sets a variable
bad=0

# complain MESSAGE, with the offending lines on standard input.
complain() {
  local lines
  lines=$(cat)
  [ -n "$lines" ] || return 0
  echo "$1:"
  printf '%s\n' "$lines" | sed 's/^/  /'
  # shellcheck disable=SC2034 # for who sources this
  bad=1
}
