# SPDX-License-Identifier: MIT
"""A dashboard's queries as Grafana would send them, and what is answered.

The servers are those of servers.sh. Each kind of data source says how it writes
the values of a variable, how it fills in its macros, and how it asks.
"""
import json
import math
import os
import re
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

MAX_POINTS = 1000
SCRAPE = 1  # seconds, as set in the data source


def get(url, **arguments):
    """The JSON that is answered; what a server does not like is an error."""
    text = url + "?" + urllib.parse.urlencode(arguments)
    try:
        with urllib.request.urlopen(text) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        sys.exit(f"{arguments}: {error} {error.read().decode()}")


def seconds(text):
    return int(text[:-1]) * {"s": 1, "m": 60, "h": 3600}[text[-1]]


class Range:
    """From when to when, and the interval of a point that Grafana chooses."""

    def __init__(self, start, end, step):
        self.start, self.end = start, end
        self.interval = max(math.ceil((end - start) / MAX_POINTS), step)


class Prometheus:
    url = "http://127.0.0.1:9090/api/v1/"

    @staticmethod
    def write(values):
        escaped = [re.sub(r"[$^*{}\[\]'+?.()|]", r"\\\\\g<0>",
                          value.replace("\\", "\\\\\\\\")) for value in values]
        return escaped[0] if len(escaped) == 1 else f"({'|'.join(escaped)})"

    @staticmethod
    def macros(when):
        rate = max(when.interval + SCRAPE, 4 * SCRAPE)
        return {"__rate_interval": f"{rate}s",
                "__interval": f"{when.interval}s",
                "__range": f"{when.end - when.start}s"}

    def values(self, query, when):
        text = query["query"]
        metric, label = re.fullmatch(r"label_values\((.*), *(\w+)\)",
                                     text).groups()
        bounds = {"start": when.start, "end": when.end}
        found = get(self.url + f"label/{label}/values",
                    **{"match[]": metric}, **bounds)["data"]
        # Older versions of Grafana ask for the series.
        series = get(self.url + "series", **{"match[]": metric}, **bounds)
        if found != sorted({row[label] for row in series["data"]}):
            sys.exit(f"{text}: {found}")
        return found

    def ask(self, target, fill, when):
        query = fill(target["expr"])
        if target.get("instant"):
            found = get(self.url + "query", query=query, time=when.end)
        else:
            found = get(self.url + "query_range", query=query,
                        start=when.start, end=when.end, step=when.interval)
        for row in found["data"]["result"]:
            name = re.sub(r"{{(\w+)}}", lambda m: row["metric"].get(m[1], ""),
                          target["legendFormat"])
            yield name, [float(value) for _, value in
                         row.get("values", [row.get("value")])]


class InfluxDB:
    def __init__(self, database):
        self.database = database

    @staticmethod
    def write(values):
        escaped = [re.sub(r"[\\^$*+?.()|\[\]{}/]", r"\\\g<0>", value)
                   for value in values]
        return escaped[0] if len(escaped) == 1 else f"({'|'.join(escaped)})"

    @staticmethod
    def macros(when):
        return {"__interval": f"{when.interval}s",
                "timeFilter": f"time >= {when.start * 1000}ms and "
                              f"time <= {when.end * 1000}ms"}

    def series(self, query):
        result = get("http://127.0.0.1:8086/query", db=self.database, q=query,
                     epoch="ms")["results"][0]
        if "error" in result:
            sys.exit(f"{query}: {result['error']}")
        return result.get("series", [])

    def values(self, query, when):
        return [value for row in self.series(query)
                for _, value in row["values"]]

    def ask(self, target, fill, when):
        for row in self.series(fill(target["query"])):
            name = re.sub(r"\$tag_(\w+)", lambda m: row["tags"][m[1]],
                          target["alias"])
            yield name, [value for _, value in row["values"]
                         if value is not None]


class Graphite:
    def __init__(self, directory):
        sys.path.insert(0, directory)
        os.environ["DJANGO_SETTINGS_MODULE"] = "graphite_settings"
        import django
        django.setup()
        from django.test import Client
        self.client = Client()

    @staticmethod
    def write(values):
        return values[0] if len(values) == 1 else "{" + ",".join(values) + "}"

    @staticmethod
    def macros(when):
        return {"__interval": f"{when.interval}s"}

    def post(self, path, **arguments):
        answer = self.client.post(path, arguments)
        if answer.status_code != 200:
            sys.exit(f"{arguments}: {answer.status_code} {answer.content}")
        return answer

    def values(self, query, when):
        return [found["text"] for found in json.loads(
            self.post("/metrics/find", query=query).content)]

    def render(self, query, when, **more):
        # What comes from the datasource's own code: '5m' is 5min there.
        query = re.sub(r"'(\d+)m'", r"'\1min'", query)
        return self.post("/render", target=query, noCache=1,
                         **{"from": when.start, "until": when.end}, **more)

    def ask(self, target, fill, when):
        answer = self.render(fill(target["target"]), when, format="json",
                             maxDataPoints=MAX_POINTS)
        for row in json.loads(answer.content):
            yield row["target"], [value for value, _ in row["datapoints"]
                                  if value is not None]


class Dashboard:
    def __init__(self, path, source, when, given):
        with open(path) as file:
            model = json.load(file)
        self.source, self.when = source, when
        self.variables = {row["name"]: row
                          for row in model["templating"]["list"]}
        self.panels = {row["title"]: row for row in model["panels"]
                       if row["type"] != "row"}
        self.chosen = {name: given.get(name, row["current"]["value"])
                       for name, row in self.variables.items()
                       if row["type"] in ("textbox", "custom")}

    def offers(self, name):
        """What can be chosen, as the regular expression leaves it."""
        row = self.variables[name]
        query = row["query"]
        if isinstance(query, str):
            query = self.fill(query)
        else:
            query = {**query, "query": self.fill(query["query"])}
        values = self.source.values(query, self.when)
        if row["regex"]:
            found = (re.search(row["regex"].strip("/"), value)
                     for value in values)
            values = [match[1] for match in found if match]
        return sorted(set(values))

    def choose(self, name, values):
        """`values` None is All."""
        self.chosen[name] = self.source.write(values) if values else \
            self.variables[name]["allValue"]

    def fill(self, text):
        known = {**self.chosen, **self.source.macros(self.when)}
        text = re.sub(r"\$(?!tag_)(\w+)",
                      lambda m: known.get(m[1], m[0]), text)
        unknown = re.search(r"\$(?!tag_)[A-Za-z_]\w*", text)
        if unknown:
            sys.exit(f"{unknown[0]} is no variable: {text}")
        return text

    def ask(self, title):
        """[{series: values} of each query] of a panel."""
        return [dict(self.source.ask(target, self.fill, self.when))
                for target in self.panels[title]["targets"]]

    def reducer(self, title):
        """What a ranking makes of each series."""
        return next(row["options"]["reducers"][0]
                    for row in self.panels[title]["transformations"]
                    if row["id"] == "reduce")

    def shown(self, title, name):
        """What a panel's legend has for a series."""
        for row in self.panels[title]["transformations"]:
            if row["id"] != "renameByRegex":
                continue
            regex = row["options"]["regex"]
            into = row["options"]["renamePattern"].replace("$1", r"\1")
            words = re.fullmatch(r"/(.*?)/(g?)", regex)
            name = re.sub(words[1], into, name, 0 if words[2] else 1) \
                if words else re.sub(f"^{regex}$", into, name)
        return name


def now():
    return int(time.time())
