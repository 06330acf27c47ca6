#!/bin/bash
# SPDX-License-Identifier: MIT
# The unixsock plugin: collectdctl lists the names and has the values; rates add
# up to the counts.
set -eu
# shellcheck source=tests/downstream/lib.sh
. "$(dirname "$0")/lib.sh"
need collectdctl collectd-utils
enter_scratch

# shellcheck disable=SC2034 # of write_config
writers="LoadPlugin unixsock
<Plugin unixsock>
  SocketFile \"$scratch/sock\"
</Plugin>"
# The watcher has to see each of the rates: it asks ten times as often.
interval=1

start_sender
serve watcher "$python" "$here/watch_unixsock.py" sock rates \
  "csv/$host" $interval
wait_for 'the watcher' test -f rates
send_work
arrived unixsock cat rates

# libcollectdclient cuts each part of a name at 63 bytes, which spoils it.
cut_at=63
cut -d' ' -f1 sent >names
collectdctl -s sock listval |
  sed -n 's,^[^/]*/\(pagefault-.*[0@~].*\|slab-.*_.*\)/.*,\1,p' |
  sort -u >listed
sed "s/-\(.\{$cut_at\}\).*/-\1/" names | diff - listed ||
  fail 'other names are listed'

# Each can be asked for. Nothing goes on, so the rates are 0 by now.
sed -n "/^pagefault-.\{1,$cut_at\}\$/p" names >whole
while read -r name; do
  values=$(collectdctl -s sock getval "$host/$name/ps_pagefaults" </dev/null)
  [ "$values" = minflt=0.000000e+00$'\n'majflt=0.000000e+00 ] ||
    fail "getval $name: $values"
done <whole
say "collectdctl: $(wc -l <listed) names listed, $(wc -l <whole) asked for"
stop
