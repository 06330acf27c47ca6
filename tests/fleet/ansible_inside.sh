#!/bin/bash
# SPDX-License-Identifier: MIT
# Part of t_ansible.sh, run in a Debian of its own, as the first process of a PID
# namespace: plays the role of contrib/fleet/ansible, from /tmp/ansible.
# Arguments: fresh (collectd is not installed) | installed
set -eu
cd /tmp/ansible
export LC_ALL=C.UTF-8 ANSIBLE_NOCOLOR=1 ANSIBLE_LOCALHOST_WARNING=0 \
  ANSIBLE_PIPELINING=1
conf=/etc/collectd/collectd.conf.d/bpfmem.conf
network=/etc/collectd/collectd.conf.d/bpfmem-network.conf

cat >inventory <<'END'
[agents]
localhost ansible_connection=local ansible_become=false
[agents:vars]
ansible_python_interpreter=/usr/bin/python3
END

fail() {
  echo "$*" >&2
  cat /tmp/play.log >&2
  exit 1
}

# play OPTION...: set changed to how many tasks changed something, or would.
play() {
  timeout 600 ansible-playbook -i inventory "$@" site.yml >/tmp/play.log 2>&1 ||
    return 1
  changed=$(sed -n 's/^localhost .*changed=\([0-9]*\).*/\1/p' /tmp/play.log)
}

# steady WHAT OPTION...: that a second run changes nothing.
steady() {
  local what=$1 before
  shift
  before=$(daemon)
  play "$@" || fail "$what, again: fails"
  [ "$changed" -eq 0 ] || fail "$what, again: changes $changed"
  [ "$(daemon)" = "$before" ] || fail "$what, again: restarts collectd"
  echo "$what: done, and a second run changes nothing"
}

# Print the process that is collectd.
daemon() {
  local dir
  for dir in /proc/[0-9]*; do
    [ "$(readlink "$dir/exe")" != /usr/sbin/collectd ] || echo "${dir#/proc/}"
  done
}

await() {
  local tries
  for ((tries = 0; tries < 600; tries++)); do
    ! "$@" || return 0
    sleep 0.1
  done
  fail "waited in vain: $*"
}

publishes() {
  [ -n "$(find /tmp/csv -name 'ps_pagefaults-*' -newer /tmp/restarted)" ]
}

one_daemon() {
  [ "$(daemon | wc -l)" -eq 1 ]
}

# apply WHAT OPTION...: apply it, after check mode has changed nothing but said so.
apply() {
  local what=$1 before old
  shift
  old=$(daemon)
  before=$(state)
  play --check "$@" || fail "$what, checked first: fails"
  [ "$changed" -gt 0 ] || fail "$what, checked first: would change nothing"
  [ "$(state)" = "$before" ] || fail "$what, checked first: changes something"
  [ "$(daemon)" = "$old" ] || fail "$what, checked first: restarts collectd"
  play "$@" || fail "$what: fails"
  [ "$changed" -gt 0 ] || fail "$what: changes nothing"
  await one_daemon
  [ "$(daemon)" != "$old" ] || fail "$what: does not restart collectd"
  touch /tmp/restarted
}

# Print what the role may touch.
state() {
  ls -l /etc/collectd/collectd.conf.d /usr/lib/collectd/bpfmem.so /var/cache 2>&1 || :
  dpkg-query -W -f '${Package} ${Status}\n' 'collectd*' 2>&1 || :
  cat /etc/collectd/collectd.conf.d/bpfmem* 2>&1 || :
}

case $1 in
fresh)
  before=$(state)
  play --check -e @options.yml || fail 'check mode on a new host: fails'
  [ "$changed" -gt 0 ] || fail 'check mode on a new host: nothing to do'
  [ "$(state)" = "$before" ] || fail 'check mode on a new host: changes something'
  echo "check mode on a new host: $changed changes, none made"
  exit
  ;;
esac

printf '%s\n' 'Interval 1' 'LoadPlugin csv' '<Plugin csv>' 'DataDir "/tmp/csv"' \
  '</Plugin>' >/etc/collectd/collectd.conf.d/of-the-test.conf
apply 'package and options' -e @options.yml
await publishes
diff - "$conf" <<'END' || fail 'not the configuration that was asked for'
# Ansible managed
<LoadPlugin bpfmem>
	Interval 2
</LoadPlugin>
<Plugin bpfmem>
	ReportStatistics false
	<PageFaults>
		File "/^/usr/lib/.*\\.so/"
		File "/usr/bin/a \"b\""
		Group "/^/usr/lib/([^/]+)\\.d//" "parts-$1"
		Group "/^/srv//" "served"
		MaxSeries 50
	</PageFaults>
	<Slab>
		ReportBytes true
	</Slab>
</Plugin>
END
[ "$(stat -c '%a %U' $network)" = '600 root' ] || fail 'who can read the password?'
grep -qF 'Password "se\"cr\\et"' $network || fail 'not the password'
grep -qF 'se"cr' /tmp/play.log && fail 'the password is in the output'
steady 'package and options' -e @options.yml
play --check -e @options.yml && [ "$changed" -eq 0 ] ||
  fail 'check mode would change what is as it should be'

old=$(daemon)
play -e @options.yml -e '{"bpfmem_slab": {"MaxSeries": 3}}' ||
  fail 'another option: fails'
await one_daemon
[ "$(daemon)" != "$old" ] && grep -qx '		MaxSeries 3' "$conf" ||
  fail 'another option: not taken'

before=$(state) old=$(daemon)
! play -e @options.yml -e '{"bpfmem_slab": {"MaxSeries": 99999}}' ||
  fail 'a wrong value is taken'
grep -q 'failed to validate' /tmp/play.log || fail 'it fails otherwise'
[ "$(state)" = "$before" ] && [ "$(daemon)" = "$old" ] ||
  fail 'a wrong value changes something'
echo 'a wrong value: refused, collectd goes on as it was'

apply 'removal' -e @options.yml -e bpfmem_state=absent
# But for what collectd wrote, and the archives of apt.
left=$(find / -xdev \( -path /proc -o -path /tmp -o -path /sys -o -path /var/lib/apt \
  -o -path /var/cache/apt -o -path /var/lib/collectd -o -path /var/log \) -prune \
  -o -name '*bpfmem*' -print)
[ -z "$left" ] || fail "left: $left"
steady 'removal' -e @options.yml -e bpfmem_state=absent

play -e bpfmem_plugin_file=/tmp/ansible/bpfmem.so || fail 'the plugin by itself: fails'
touch /tmp/restarted
await publishes
steady 'the plugin by itself' -e bpfmem_plugin_file=/tmp/ansible/bpfmem.so
