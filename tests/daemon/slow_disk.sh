# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# For a guest of ours, whose disk can be slowed down for a group of processes.

group=/sys/fs/cgroup/slow

# slow_down READS: let the disk serve so many reads a second of what is in the group.
slow_down() {
  echo +io >/sys/fs/cgroup/cgroup.subtree_control
  mkdir -p $group
  echo "$(cat /sys/block/nvme0n1/dev) riops=$1" >$group/io.max
}

speed_up() {
  rmdir $group
}

# in_slow_group COMMAND...
in_slow_group() {
  (
    echo "$BASHPID" >$group/cgroup.procs
    exec "$@"
  )
}
