# SPDX-License-Identifier: MIT
"""Print the counts of write_prometheus' page, or of a Prometheus.

usage: read_prometheus.py page|server
"""
import json
import sys
import urllib.parse
import urllib.request

from prometheus_client.parser import text_string_to_metric_families

from series import Series

PAGE = "http://127.0.0.1:9103/metrics"
SERVER = "http://127.0.0.1:9090/api/v1/query?"
HOST = "web01.example.com"


def get(url):
    with urllib.request.urlopen(url) as answer:
        return answer.read().decode("utf-8")


def query(text):
    result = json.loads(get(SERVER + urllib.parse.urlencode({"query": text})))
    return result["data"]["result"]


def from_page():
    for family in text_string_to_metric_families(get(PAGE)):
        for sample in family.samples:
            yield sample.name, sample.labels, sample.value


def from_server():
    down = [found for found in query("up") if found["value"][1] != "1"]
    if down:
        sys.exit(f"not scraped: {down}")
    for found in query('{__name__=~"collectd_(pagefault|slab)_.*"}'):
        yield found["metric"]["__name__"], found["metric"], found["value"][1]


series = Series()
for name, labels, value in from_page() if sys.argv[1] == "page" \
        else from_server():
    _, plugin, *kind = name.removesuffix("_total").split("_")
    if plugin not in ("pagefault", "slab"):
        continue
    if labels["instance"] != HOST:
        sys.exit(f"{name} of {labels}")
    series.put(plugin, labels[plugin], labels.get("type", kind[-1]),
               float(value))
series.write()
