# SPDX-License-Identifier: MIT
"""An hour of a web server, made up: a database whose memory is too small, a driver
whose cache leaks, programs that start, a restart of collectd, events that are missed.

usage: story.py SOCKET METRICS END

Sends it, read by read, to collectd's plugin unixsock for those whom it writes to by
TCP; to InfluxDB as its collectd listener would store it (by UDP some would be lost);
and writes it for promtool as write_prometheus would serve it. Prints the first second.
"""
import math
import socket
import sys
import urllib.request

HOST = "web01.example.com"
STEP, READS = 10, 330
RESTART, MISSED = 210, range(90, 96)  # reads
PG = "var~lib~postgresql~15~main~base~16384~"
LIB = "usr~lib~x86_64-linux-gnu~"

# Minor faults, major faults and milliseconds stalled, each per second.
FILES = {
    "srv~app~orders.db": (40, 55, 390),
    PG + "16397": (35, 18, 120),
    PG + "2619": (20, 6, 33),
    "srv~app~index.lmdb": (18, 9, 71),
    "opt~shop~releases~2026-11-24~node_modules~sharp~build~Release~"
    "sharp-linux-x64.node": (12, 2, 14),
    "opt~shop~releases~2026-11-17~node_modules~sharp~build~Release~"
    "sharp-linux-x64.node": (8, 1, 6),
    LIB + "libcrypto.so.3": (610, 0.4, 2),
    LIB + "libc.so.6": (4900, 0.2, 0.7),
    "usr~bin~bash": (820, 0.1, 0.4),
    LIB + "libstdc++.so.6.0.30": (240, 0.1, 0.5),
    "usr~bin~python3.11": (510, 0.3, 1.1),
    "usr~lib~postgresql~15~bin~postgres": (730, 0.2, 0.9),
    LIB + "ld-linux-x86-64.so.2": (1400, 0, 0),
    "usr~bin~perl": (180, 0, 0),
    "usr~sbin~nginx": (90, 0, 0),
    "var~log~journal~system.journal": (14, 0.3, 1.3),
    "locale": (150, 0, 0),
    "other": (900, 2, 9),
}
CLASSES = {"anon": (9800, 0), "heap": (2100, 0), "stack": (310, 0),
           "shmem": (140, 0), "hugetlb": (0, 0), "special": (0, 0),
           "unattributed": (60, 0)}
# Allocated and freed per second, objects in use, bytes of one.
CACHES = {
    "ext4_inode_cache": (60, 58, 310000, 1184),
    "dentry": (900, 890, 620000, 192),
    "radix_tree_node": (140, 138, 98000, 584),
    "buffer_head": (310, 305, 540000, 104),
    "inode_cache": (30, 30, 41000, 648),
    "kmalloc-256": (2300, 2236, 21000, 256),
    "kmalloc-1k": (240, 240, 9000, 1024),
    "filp": (1900, 1900, 12000, 256),
    "vm_area_struct": (4100, 4100, 31000, 200),
    "names_cache": (5200, 5200, 40, 4096),
    "skbuff_head_cache": (3300, 3300, 900, 256),
    "anon_vma_chain": (2700, 2700, 24000, 64),
    "task_struct": (21, 21, 420, 7360),
}
GAUGES = {"pagefault": {"tracked_max": 8192, "sampling": 0, "read_seconds": 0.0021,
                        "tracked": 610},
          "slab": {"tracked_max": 511, "entry_points_uncounted": 0,
                   "read_seconds": 0.0009, "tracked": 174}}
COUNTERS = ("events_missed", "events_untracked", "events_unfound", "names_lost",
            "names_refused")


def share(name, read):
    """How busy: the databases from the middle on, as a backup reads."""
    wave = 1 + 0.25 * math.sin(read / 9 + len(name)) + \
        0.12 * math.sin(read * 2.3 + 3 * len(name))
    if name.startswith(("srv~", PG)):
        return wave * (0.08 + 1 / (1 + math.exp((130 - read) / 6)) -
                       0.7 / (1 + math.exp((260 - read) / 5)))
    return wave * (2.2 if read % 60 < 4 else 1)


class Story:
    def __init__(self):
        self.counters = {}
        self.lines, self.metrics = [], {}
        self.points = {"split": [], "join": []}

    def put(self, when, ident, metric, labels, *values):
        """One or two values; a metric of each."""
        self.lines.append(f'PUTVAL "{HOST}/{ident}" interval={STEP} '
                          f"{when}:{':'.join(f'{value:.10g}' for value in values)}\n")
        self.point(when, *ident.split("/"), [
            name.split("_")[-2] if name.endswith("flt_total") else "value"
            for name in metric], values)
        for name, value in zip(metric, values):
            self.metrics.setdefault(name, []).append(
                f'{name}{{instance="{HOST}",{labels}}} {value:.10g} {when}\n')

    def point(self, when, entity, series, fields, values):
        plugin, _, instance = entity.partition("-")
        kind, _, what = series.partition("-")
        tags = f"host={HOST},instance={instance},type={kind}" + \
            (f",type_instance={what}" if what else "")
        for name, value in zip(fields, values):
            self.points["split"].append(
                f"{plugin}_{name},{tags} value={value:.10g} {when}")
        together = ",".join(f"{name}={value:.10g}"
                            for name, value in zip(fields, values))
        self.points["join"].append(f"{plugin},{tags} {together} {when}")

    def grown(self, key, by):
        """A counter: it begins with 0 when collectd starts."""
        self.counters[key] = self.counters.get(key, -by) + by
        return round(self.counters[key])

    def fault_rows(self, read, when):
        for name, (minor, major, stalled) in FILES.items():
            now = share(name, read) * STEP
            self.put(when, f"pagefault-{name}/ps_pagefaults",
                     [f"collectd_pagefault_ps_pagefaults_{kind}_total"
                      for kind in ("minflt", "majflt")], f'pagefault="{name}"',
                     self.grown((name, 0), minor * now),
                     self.grown((name, 1), major * now))
            self.put(when, f"pagefault-{name}/total_time_in_ms-stalled",
                     ["collectd_pagefault_total_time_in_ms_total"],
                     f'pagefault="{name}",type="stalled"',
                     self.grown((name, 2), stalled * now))
        for name, (minor, major) in CLASSES.items():
            now = share(name, read) * STEP
            self.put(when, f"pagefault-{name}/ps_pagefaults",
                     [f"collectd_pagefault_ps_pagefaults_{kind}_total"
                      for kind in ("minflt", "majflt")], f'pagefault="{name}"',
                     self.grown((name, 0), minor * now),
                     self.grown((name, 1), major * now))

    def cache_rows(self, read, when):
        for name, (alloc, free, active, size) in CACHES.items():
            for way, rate in ("alloc", alloc), ("free", free):
                self.put(when, f"slab-{name}/operations-{way}",
                         ["collectd_slab_operations_total"],
                         f'slab="{name}",type="{way}"',
                         self.grown((name, way), rate * share(name, read) * STEP))
            active += (alloc - free) * STEP * read + \
                0.02 * active * math.sin(read / 25 + len(name))
            self.put(when, f"slab-{name}/objects-active", ["collectd_slab_objects"],
                     f'slab="{name}",type="active"', round(active))
            self.put(when, f"slab-{name}/memory-held", ["collectd_slab_memory"],
                     f'slab="{name}",type="held"',
                     math.ceil(active * size * 1.08 / 4096) * 4096)

    def own_rows(self, read, when):
        for probe in "pagefault", "slab":
            for name in COUNTERS:
                missed = name == "events_missed" and probe == "slab" and \
                    read in MISSED
                self.put(when, f"bpfmem-{probe}/derive-{name}",
                         ["collectd_bpfmem_derive_total"],
                         f'bpfmem="{probe}",type="{name}"',
                         self.grown((probe, name), 4100 if missed else 0))
            for name, value in GAUGES[probe].items():
                self.put(when, f"bpfmem-{probe}/gauge-{name}",
                         ["collectd_bpfmem_gauge"],
                         f'bpfmem="{probe}",type="{name}"', value)

    def tell(self, read, when):
        self.lines = []
        if read == RESTART:
            self.counters = {}
        self.fault_rows(read, when)
        self.cache_rows(read, when)
        self.own_rows(read, when)
        return self.lines


def post(path, text=""):
    """To InfluxDB, which would take forms for parameters."""
    urllib.request.urlopen(urllib.request.Request(
        "http://127.0.0.1:8086/" + path, text.encode(),
        {"Content-Type": "text/plain"}))


def main(path, metrics, end):
    start = int(end) // STEP * STEP - READS * STEP
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect(path)
        answers = sock.makefile()
        story = Story()
        for read in range(READS):
            if RESTART - 3 <= read < RESTART:
                continue
            lines = story.tell(read, start + read * STEP)
            sock.sendall("".join(lines).encode())
            for line in lines:
                answer = answers.readline()
                if not answer.startswith("0 "):
                    sys.exit(f"{line}: {answer}")
    for database, points in story.points.items():
        post(f"query?q=CREATE+DATABASE+{database}")
        post(f"write?db={database}&precision=s", "\n".join(points))
    with open(metrics, "w") as file:
        for name, rows in story.metrics.items():
            kind = "counter" if name.endswith("_total") else "gauge"
            file.write(f"# TYPE {name.removesuffix('_total')} {kind}\n")
            file.writelines(sorted(rows, key=lambda row: row.split("}")[0]))
        file.write("# EOF\n")
    print(start)


if __name__ == "__main__":
    main(*sys.argv[1:])
