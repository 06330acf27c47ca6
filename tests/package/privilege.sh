# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# collectd as nobody with a set of capabilities; in a guest, too. Needs
# tests/daemon/lib.sh.
# shellcheck disable=SC2154 # which sets scratch and plugin

nobody=65534

# Let nobody into the scratch directory, with a copy of the plugin: what was
# built may be below a home that others may not enter.
open_scratch() {
  mkdir "$scratch/plugins"
  cp "$plugin" "$scratch/plugins/"
  plugin=$scratch/plugins/${plugin##*/}
  chmod 755 "$scratch"
  chown $nobody:$nobody "$scratch"
}

# Print capabilities such as "CAP_BPF CAP_PERFMON" as setpriv takes them.
list_of() {
  local list=-all capability
  for capability in $1; do
    capability=${capability#CAP_}
    list+=,+${capability,,}
  done
  echo "$list"
}

# Print the mask of capabilities as /proc/PID/status has it.
mask_of() {
  local mask=0 capability
  for capability; do
    case $capability in
    CAP_DAC_OVERRIDE) mask=$((mask | 1 << 1)) ;;
    CAP_SYS_ADMIN) mask=$((mask | 1 << 21)) ;;
    CAP_SYSLOG) mask=$((mask | 1 << 34)) ;;
    CAP_PERFMON) mask=$((mask | 1 << 38)) ;;
    CAP_BPF) mask=$((mask | 1 << 39)) ;;
    *) fail "no number for $capability" ;;
    esac
  done
  printf '%016x\n' $mask
}

# launch_as CAPABILITIES: start collectd, as lib.sh's launch does, as nobody who
# has these and can get no others.
launch_as() {
  local list
  list=$(list_of "$1")
  launch setpriv --reuid $nobody --regid $nobody --clear-groups \
    --no-new-privs --bounding-set "$list" --inh-caps "$list" \
    --ambient-caps "$list"
}
