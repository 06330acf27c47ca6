# SPDX-License-Identifier: MIT
"""Query InfluxDB for the last counts.

usage: read_influx.py split|join    also the name of the database
"""
import json
import sys
import urllib.parse
import urllib.request

from series import Series

MEASUREMENTS = {"split": ("pagefault_minflt", "pagefault_majflt",
                          "slab_value"),
                "join": ("pagefault", "slab")}


def query(database, text):
    arguments = urllib.parse.urlencode({"db": database, "q": text})
    with urllib.request.urlopen(
            f"http://127.0.0.1:8086/query?{arguments}") as answer:
        result = json.load(answer)["results"][0]
    if "error" in result:
        sys.exit(f"{text}: {result['error']}")
    return result.get("series", [])


database = sys.argv[1]
series = Series()
for measurement in MEASUREMENTS[database]:
    for found in query(database,
                       f"SELECT last(*) FROM {measurement} "
                       "WHERE type =~ /ps_pagefaults|operations|objects|memory/ "
                       "GROUP BY *"):
        tags = found["tags"]
        plugin, _, source = found["name"].partition("_")
        for column, value in zip(found["columns"], found["values"][0]):
            if not column.startswith("last") or value is None:
                continue
            field = column.partition("_")[2] or "value"
            name = tags.get("type_instance") or \
                (field if field != "value" else source)
            series.put(plugin, tags["instance"], name, value)
series.write()
