#!/bin/bash
# SPDX-License-Identifier: MIT
# collection3, the CGI scripts that come with collectd, with our definitions:
# lists what the RRD files hold, and draws it.
set -eu
# shellcheck source=tests/downstream/lib.sh
. "$(dirname "$0")/lib.sh"
examples=/usr/share/doc/collectd-core/examples/collection3
[ -f $examples/bin/graph.cgi ] ||
  skip "no $examples: does dpkg leave out documents here?"
for module in RRDs:librrds Config::General:libconfig-general \
  Regexp::Common:libregexp-common HTML::Entities:libhtml-parser \
  CGI:libcgi-pm; do
  perl -M"${module%:*}" -e 1 2>/dev/null ||
    skip "needs Perl's ${module%:*}, of Debian's package ${module##*:}-perl"
done
enter_scratch

interval=1
# shellcheck disable=SC2034 # of write_config
writers="LoadPlugin rrdtool
<Plugin rrdtool>
  DataDir \"$scratch/rrd\"
  StepSize 1
  HeartBeat 30
</Plugin>"

cp -r $examples cgi
cat >>cgi/etc/collection.conf "$here/../../contrib/graphs/collection3.conf"
echo "DataDir \"$scratch/rrd\"" >>cgi/etc/collection.conf

# cgi NAME QUERY: what a web server would send, without the header.
cgi() {
  GATEWAY_INTERFACE=CGI/1.1 REQUEST_METHOD=GET QUERY_STRING=$2 \
    SCRIPT_NAME="/bin/$1" SCRIPT_FILENAME=$scratch/cgi/bin/$1 \
    perl "cgi/bin/$1" 2>cgi.log | sed '1,/^\r*$/d'
  [ ! -s cgi.log ] || fail "$1: $(head -n 5 cgi.log)"
}

# draw PNG QUERY: has lines of our colours, so of our definitions.
draw() {
  cgi graph.cgi "hostname=$host;begin=-60;$2" >"$1.png"
  [ "$(head -c 8 "$1.png" | od -An -tx1 | tr -d ' \n')" = 89504e470d0a1a0a ] ||
    fail "no picture: $(head -c 300 "$1.png")"
  [ "$(wc -c <"$1.png")" -gt 4000 ] || fail "$1 is empty"
}

start_sender
label=$(label "$scratch/files/libc.so.6")
for _ in 1 2 3; do
  "$faults" major_random "$scratch/files/libc.so.6" >/dev/null
  "$faults" private_write "$scratch/files/libc.so.6" >/dev/null
  "$objects" contexts $objects_count "$scratch" </dev/null >/dev/null
  await_reads pagefault-other/ps_pagefaults
done
wait_for 'RRD files' test -s "rrd/$host/pagefault-$label/ps_pagefaults.rrd"

cgi index.cgi "action=show_selection;hostname=$host;plugin=pagefault" >index.html
grep -qF "plugin_instance=$label" index.html || fail 'the file is not in the list'
draw file "plugin=pagefault;plugin_instance=$label;type=ps_pagefaults"
draw stalled "plugin=pagefault;plugin_instance=$label;type=total_time_in_ms;type_instance=stalled"
draw cache "plugin=slab;plugin_instance=$cache;type=operations"
draw memory "plugin=slab;plugin_instance=$cache;type=memory"
draw objects "plugin=slab;plugin_instance=$cache;type=objects"
draw own 'plugin=bpfmem;plugin_instance=slab;type=derive'
say "collection3 draws $label, what $cache did and holds, and what was missed"
[ -z "${KEEP_PICTURES:-}" ] || cp ./*.png "$KEEP_PICTURES"
stop
