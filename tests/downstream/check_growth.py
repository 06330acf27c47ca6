# SPDX-License-Identifier: MIT
"""What bpfmem_growth.py makes of caches that are made up, a read every 10 s; and
whether that is 5 MB for an hour, as collectd-bpfmem-alerts.conf has it.

usage: check_growth.py DIR     where bpfmem_growth.py is
"""
import sys
import types

READS = 6 * 60 * 4  # four hours
LIMIT, HITS = 5000000, 360


class Values(types.SimpleNamespace):
    def dispatch(self, values):
        told.setdefault(self.plugin_instance, {})[self.time] = values[0]


def first_alert(growth):
    """The minute in which a threshold with so many hits tells of it."""
    hits = 0
    for read in range(READS):
        hits = hits + 1 if growth.get(read * 10, 0) > LIMIT else 0
        if hits > HITS:
            return read // 6
    return None


def ramp(minute, start, end, rate):
    return 5000000 + (min(max(minute, start), end) - start) * rate


CACHES = {  # bytes by minute, and between which minutes the alert is due
    "kmalloc-256": (lambda at: ramp(at, 60, 240, 614400), (145, 155)),
    "filp": (lambda at: ramp(at, 0, 240, 233000), None),
    "maple_node": (lambda at: ramp(at, 60, 90, 16000000) * (at < 180), None),
    "kmalloc-1k": (lambda at: 5000000 + abs(at % 26 - 13) * 15000000, None),
    "skbuff_head_cache": (lambda at: 5000000 + 10**9 * (at >= 60), None),
    "dentry": (lambda at: ramp(at, 0, 240, 16000000), None),
}
told, writers = {}, []
sys.modules["collectd"] = types.SimpleNamespace(
    Values=Values, register_config=lambda configure: None,
    register_write=writers.append)
sys.path.insert(0, sys.argv[1])
import bpfmem_growth  # noqa: E402, after collectd

for read in range(READS):
    for cache, (held, _) in CACHES.items():
        writers[0](Values(host="web01", plugin="slab", plugin_instance=cache,
                          type="memory", type_instance="held", interval=10,
                          time=read * 10.0, values=[held(read / 6)]))
for cache, (_, due) in CACHES.items():
    found = first_alert(told.get(cache, {}))
    if (found is None) != (due is None) or \
            due and not due[0] <= found <= due[1]:
        sys.exit(f"{cache}: after {found} minutes, not {due}")
if "dentry" in told:
    sys.exit("dentry is taken back by the kernel")
# A cache that is gone is forgotten.
writers[0](Values(host="web02", plugin="slab", plugin_instance="filp",
                  type="memory", type_instance="held", interval=10,
                  time=READS * 10.0 + 3601, values=[1]))
if list(bpfmem_growth.caches) != [("web02", "filp")]:
    sys.exit(f"not forgotten: {list(bpfmem_growth.caches)}")
