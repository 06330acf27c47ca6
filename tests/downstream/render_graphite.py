# SPDX-License-Identifier: MIT
"""Ask graphite-web, in this process, for the last counts, and for pictures.

usage: render_graphite.py DIR     which holds graphite_settings.py
"""
import json
import os
import pathlib
import sys

import django

from series import Series

HOST = "web01_example_com"
RATES = f"rates.{HOST}"
# As contrib/README.md has them.
PICTURES = {
    "stalled": ("aliasByNode(highestAverage(scale("
                f"{RATES}.pagefault.*.total_time_in_ms.stalled,0.001),10),-3)", "stacked"),
    "graphite": (f"aliasByNode(highestAverage({RATES}.pagefault.*.ps_pagefaults.minflt,"
                 "10),-3)", "stacked"),
    # What is held, less that at the beginning.
    "growth": (f"aliasByNode(highestMax(integral(derivative({RATES}.slab.*.memory.held)),"
               "10),-3)", "none"),
}

sys.path.insert(0, sys.argv[1])
os.environ["DJANGO_SETTINGS_MODULE"] = "graphite_settings"
django.setup()

from django.test import Client  # noqa: E402, after setup()

client = Client()


def render(**query):
    answer = client.get("/render", {"from": "-5min", "noCache": 1, **query})
    if answer.status_code != 200:
        sys.exit(f"{query}: {answer.status_code} {answer.content}")
    return answer.content


series = Series()
for target in "pagefault-*.ps_pagefaults.*", "slab-*.operations-*", \
        "slab-*.objects-*", "slab-*.memory-*":
    text = render(target=f"counts.{HOST}.{target}", format="json")
    for found in json.loads(text):
        _, _, entity, *_, last = found["target"].split(".")
        values = [value for value, _ in found["datapoints"]
                  if value is not None]
        series.put(*entity.split("-", 1), last.rpartition("-")[2], values[-1])
series.write()
for name, (target, area) in PICTURES.items():
    if not json.loads(render(target=target, format="json")):
        sys.exit(f"{name}: nothing to draw")
    pathlib.Path(sys.argv[1], f"{name}.png").write_bytes(render(
        target=target, areaMode=area, width=800, height=400))
