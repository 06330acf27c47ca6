# SPDX-License-Identifier: MIT
"""For collectd's plugin python: how many objects more than were freed each slab
cache allocated in a window of time, as slab-CACHE/gauge-growth.

What the kernel takes back by itself when memory is needed is left out: option
Reclaimed, a regular expression of caches. Where entry points of the allocator
are not counted, some caches drift, and nothing is published but with option
EvenIfUncounted true."""
import collections
import re

import collectd

window = 3600.0
even_if_uncounted = False
reclaimed = re.compile(r"dentry|.*inode.*|buffer_head|radix_tree_node|"
                       r"kernfs_node_cache|(btrfs|xfs|ext4|nfs)_.*|other")


class Cache:
    """What one cache of one host had allocated and not freed, over time."""

    def __init__(self):
        self.counts = {}  # alloc or free: (time, count)
        self.history = collections.deque()  # (time, alive)

    def put(self, way, when, count):
        """Return the growth if both counts of a read are known."""
        if count < self.counts.get(way, (0, 0))[1]:
            self.history.clear()  # collectd was started again there
        self.counts[way] = when, count
        # All values of a read have the same time.
        if [time for time, _ in self.counts.values()] != [when, when]:
            return None
        alive = self.counts["alloc"][1] - self.counts["free"][1]
        self.history.append((when, alive))
        while self.history[0][0] < when - window:
            self.history.popleft()
        return alive - self.history[0][1]

    def last(self):
        return max(time for time, _ in self.counts.values())


caches = {}
uncounted = {}  # host: entry points

def configure(config):
    global window, reclaimed, even_if_uncounted
    for node in config.children:
        if node.key == "Window":
            window = float(node.values[0])
        elif node.key == "Reclaimed":
            reclaimed = re.compile(node.values[0])
        elif node.key == "EvenIfUncounted":
            even_if_uncounted = bool(node.values[0])
        else:
            collectd.warning(f"bpfmem_growth: unknown option {node.key}")


def forget(now):
    for key in [key for key, cache in caches.items()
                if cache.last() < now - window]:
        del caches[key]


def write(values):
    if values.plugin == "bpfmem" and \
            values.type_instance == "entry_points_uncounted":
        uncounted[values.host] = values.values[0]
    if values.plugin != "slab" or values.type != "operations" or \
            reclaimed.fullmatch(values.plugin_instance):
        return
    key = values.host, values.plugin_instance
    growth = caches.setdefault(key, Cache()).put(
        values.type_instance, values.time, values.values[0])
    if growth is None or \
            uncounted.get(values.host, 1) and not even_if_uncounted:
        return
    forget(values.time)
    collectd.Values(host=values.host, plugin="slab", type="gauge",
                    plugin_instance=values.plugin_instance,
                    type_instance="growth", time=values.time,
                    interval=values.interval).dispatch(values=[growth])


collectd.register_config(configure)
collectd.register_write(write)
