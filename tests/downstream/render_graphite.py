# SPDX-License-Identifier: MIT
"""Ask graphite-web, in this process, for the last counts, and for a picture.

usage: render_graphite.py DIR     which holds graphite_settings.py
"""
import json
import os
import pathlib
import sys

import django

from series import Series

HOST = "web01_example_com"
FAULTS = f"rates.{HOST}.pagefault.*.ps_pagefaults"

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
pathlib.Path(sys.argv[1], "graphite.png").write_bytes(render(
    target=f"aliasByNode(highestAverage({FAULTS}.minflt,10),3)",
    areaMode="stacked", width=800, height=400))
