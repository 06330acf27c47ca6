# SPDX-License-Identifier: MIT
"""How many bytes more each slab cache held at any time in the last third of an
hour than at any time in the first, as slab-CACHE/gauge-growth: no threshold sees
two times of a series. What the kernel takes back by itself when memory is needed
is left out: option Reclaimed, a regular expression of caches."""
import collections
import re

import collectd

window = 3600.0
reclaimed = re.compile(r"dentry|.*inode.*|buffer_head|radix_tree_node|"
                       r"kmalloc-rcl-.*|kernfs_node_cache|"
                       r"(btrfs|xfs|ext4|nfs|jbd2)_.*")
caches = {}  # (host, cache): (time, bytes) of the window; the latest is last


def configure(config):
    global window, reclaimed
    for node in config.children:
        if node.key == "Window":
            window = float(node.values[0])
        elif node.key == "Reclaimed":
            reclaimed = re.compile(node.values[0])
        else:
            collectd.warning(f"bpfmem_growth: unknown option {node.key}")


def note(key, now, held):
    """Return what the cache held in the window; forget who had no value in it."""
    history = caches.pop(key, collections.deque())
    history.append((now, held))
    while history[0][0] < now - window:
        history.popleft()
    caches[key] = history
    for other in list(caches):
        if caches[other][-1][0] >= now - window:
            break
        del caches[other]
    return history


def write(values):
    if (values.plugin, values.type, values.type_instance) != \
            ("slab", "memory", "held") or \
            reclaimed.fullmatch(values.plugin_instance):
        return
    now = values.time
    history = note((values.host, values.plugin_instance), now, values.values[0])
    first = [held for when, held in history if when <= now - window * 2 / 3]
    last = [held for when, held in history if when > now - window / 3]
    if first:
        collectd.Values(host=values.host, plugin="slab", type="gauge",
                        plugin_instance=values.plugin_instance,
                        type_instance="growth", time=now,
                        interval=values.interval
                        ).dispatch(values=[min(last) - max(first)])


collectd.register_config(configure)
collectd.register_write(write)
