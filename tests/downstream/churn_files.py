# SPDX-License-Identifier: MIT
"""Fault on other files after each read of collectd, as seen in a csv file.

usage: churn_files.py DIR CSV READS FILES   FILES new ones in DIR per read
"""
import glob
import mmap
import os
import resource
import sys
import time

STRIDE = 16 * mmap.PAGESIZE  # the kernel maps that much around a fault
SIZE = 3 * STRIDE


def touch(path):
    with open(path, "wb+") as file:
        file.truncate(SIZE)
        with mmap.mmap(file.fileno(), SIZE) as area:
            for offset in range(0, SIZE, STRIDE):
                area[offset]
    os.unlink(path)  # a removed file keeps its path


def size():
    return sum(os.path.getsize(name) for name in glob.glob(csv + "-*"))


directory, csv = sys.argv[1:3]
reads, files = map(int, sys.argv[3:])
for read in range(reads):
    before = size()
    for i in range(files):
        touch(f"{directory}/read{read}-{i}")
    while size() == before:
        time.sleep(0.005)
faults = resource.getrusage(resource.RUSAGE_SELF)
print(faults.ru_minflt + faults.ru_majflt)
