# SPDX-License-Identifier: MIT
# Tells in five lines what collectd's csv plugin has stored of bpfmem's series:
#   awk -f tell.awk [demo.txt] HOST/*/*-DATE
# With what the demo of quickstart says that it did, beside.

function grouped(number,  text, rest) {
  text = sprintf("%.0f", number)
  for (; length(text) > 3; text = substr(text, 1, length(text) - 3))
    rest = "," substr(text, length(text) - 2) rest
  return text rest
}

function bytes(number) {
  return number < 1048576 ? sprintf("%.0f KiB", number / 1024) : \
    sprintf("%.1f MiB", number / 1048576)
}

function seconds(ms) {
  return ms < 10000 ? sprintf("%.2f s", ms / 1000) : sprintf("%.1f s", ms / 1000)
}

# The path that a label stands for; that of a group has none.
function name_of(entity) {
  sub(/^[a-z]+-/, "", entity)
  if (entity !~ /~/)
    return entity
  gsub(/~/, "/", entity)
  return "/" entity
}

function value(series, column) {
  return last[series, column] + 0
}

function times(number) {
  return number == 1 ? "once" : grouped(number) " times"
}

# What the demo says, beside what is told of what it has.
function told(is_its, text) {
  return has_demo && is_its ? " (the demo itself: " text ")" : ""
}

function waited(entity) {
  return has_stalled ? value(entity "/total_time_in_ms-stalled", 2) : \
    value(entity "/ps_pagefaults", 3)
}

# Whether `entity` has more than the most so far; that is then most[what].
function beats(what, amount, entity) {
  if (amount <= most[what])
    return 0
  most[what] = amount
  who[what] = entity
  return 1
}

BEGIN { FS = "," }

FILENAME ~ /demo[.]txt$/ {
  split($0, word, " ")
  demo[word[1]] = word[2]
  has_demo = 1
  next
}

FNR == 1 {
  count = split(FILENAME, part, "/")
  series = part[count - 1] "/" part[count]
  sub(/-[0-9]+-[0-9]+-[0-9]+$/, "", series)
  entities[part[count - 1]] = 1
  if (series ~ /-stalled$/)
    has_stalled = 1
  next
}

{
  for (i = 2; i <= NF; i++) {
    if (!((series, i) in last))
      first[series, i] = $i
    last[series, i] = $i
  }
}

END {
  for (entity in entities) {
    faults = entity "/ps_pagefaults"
    held = entity "/memory-held"
    minor += value(faults, 2)
    major += value(faults, 3)
    allocs += value(entity "/operations-alloc", 2)
    frees += value(entity "/operations-free", 2)
    if (entity ~ /^slab-/ && entity != "slab-other")
      beats("grew", value(held, 2) - first[held, 2], entity)
    if (entity ~ /^pagefault-/ && \
        entity !~ /-(anon|heap|stack|shmem|hugetlb|special|unattributed|other)$/) {
      beats("waited", waited(entity), entity)
      beats("busy", value(faults, 2), entity)
    }
  }

  if (most["waited"] > 0)
    printf "Waited:  %s, %s for the disk%s%s.\n", name_of(who["waited"]),
      times(value(who["waited"] "/ps_pagefaults", 3)),
      has_stalled ? ", " seconds(most["waited"]) " in all" : "",
      told(who["waited"] ~ /~orders[.]db$/,
        times(demo["waits"]) ", " seconds(demo["waited_ms"]))
  else
    print "Waited:  no file for the disk."

  held = who["grew"] "/memory-held"
  if (most["grew"] > 0)
    printf "Grew:    the kernel's cache %s, by %s to %s%s.\n", name_of(who["grew"]),
      bytes(most["grew"]), bytes(value(held, 2)),
      told(who["grew"] == "slab-TCP", grouped(demo["sockets"]) " sockets opened, none closed")
  else
    print "Grew:    no cache of the kernel."

  if (most["busy"] > 0)
    printf "Busiest: %s, %s page faults without the disk%s.\n",
      name_of(who["busy"]), grouped(most["busy"]),
      told(who["busy"] !~ /~orders[.]db$/,
        grouped(demo["programs"]) " short programs run")
  else
    print "Busiest: no file."

  printf "Counted: %s page faults, %s of them waited for the disk; %s objects" \
    " allocated, %s freed.\n", grouped(minor + major), grouped(major),
    grouped(allocs), grouped(frees)

  printf "Missed:  %s of the page faults, %s of the allocations and frees; %s page" \
    " faults are of no known file or memory.\n",
    grouped(value("bpfmem-pagefault/derive-events_missed", 2)),
    grouped(value("bpfmem-slab/derive-events_missed", 2)),
    grouped(value("pagefault-unattributed/ps_pagefaults", 2) + \
      value("pagefault-unattributed/ps_pagefaults", 3))
}
