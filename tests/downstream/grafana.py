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
    """From when to when, the interval of collectd and of scrapes, and that of a
    point, which Grafana chooses."""

    def __init__(self, start, end, step):
        self.start, self.end, self.step = start, end, step
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
        rate = max(when.interval + when.step, 4 * when.step)
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
            yield name, row["metric"], [
                (when, float(value)) for when, value in
                row.get("values", [row.get("value")])]

    def marks(self, note, fill, when):
        """The moments that an annotation finds."""
        rows = self.ask({"expr": note["expr"], "legendFormat": ""}, fill,
                        Range(when.start, when.end, seconds(note["step"])))
        return [at for _, _, points in rows for at, value in points if value]


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
                for _, value, *_ in row["values"]]

    def ask(self, target, fill, when):
        for row in self.series(fill(target["query"])):
            name = re.sub(r"\$tag_(\w+)", lambda m: row["tags"][m[1]],
                          target["alias"])
            yield name, row.get("tags", {}), [
                (at / 1000, value) for at, value in row["values"]
                if value is not None]

    def marks(self, note, fill, when):
        return [at / 1000 for row in
                self.series(fill(note["target"]["query"]))
                for at, *_ in row["values"]]


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
            yield row["target"], {}, [
                (at, value) for value, at in row["datapoints"]
                if value is not None]

    def marks(self, note, fill, when):
        rows = self.ask(note["target"], fill, when)
        return [at for _, _, points in rows for at, value in points if value]


def unfold(panels):
    """Those of folded rows are in them."""
    for panel in panels:
        yield panel
        yield from unfold(panel.get("panels", []))


class Dashboard:
    def __init__(self, path, source, when, given):
        with open(path) as file:
            model = json.load(file)
        self.source, self.when = source, when
        self.variables = {row["name"]: row
                          for row in model["templating"]["list"]}
        self.model = model
        self.panels = {row["title"]: row for row in unfold(model["panels"])
                       if row["type"] != "row"}
        self.chosen = {name: given.get(name, row["current"]["value"])
                       for name, row in self.variables.items()
                       if row["type"] in ("textbox", "custom")}
        self.hidden = [name for name, row in self.variables.items()
                       if row.get("hide")]

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
        for other in self.hidden:
            self.chosen.pop(other, None)

    def follow(self):
        """Choose what is not shown, by what is."""
        for name in self.hidden:
            if name not in self.chosen:
                self.chosen[name] = self.source.write(self.offers(name) or [""])

    def fill(self, text):
        known = {**self.chosen, **self.source.macros(self.when)}
        text = re.sub(r"\$(?!tag_)(\w+)",
                      lambda m: known.get(m[1], m[0]), text)
        unknown = re.search(r"\$(?!tag_)[A-Za-z_]\w*", text)
        if unknown:
            sys.exit(f"{unknown[0]} is no variable: {text}")
        return text

    def points(self, title):
        """[[(series, labels, [(time, value)])] of each query] of a panel."""
        self.follow()
        return [list(self.source.ask(target, self.fill, self.when))
                for target in self.panels[title]["targets"]]

    def ask(self, title):
        """[{series: values} of each query] of a panel."""
        return [{name: [value for _, value in points]
                 for name, _, points in found} for found in self.points(title)]

    def marks(self):
        """{annotation: times}"""
        return {note["name"]: self.source.marks(note, self.fill, self.when)
                for note in self.model["annotations"]["list"]}

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


def connect(server):
    """prometheus, split, join, or the directory of graphite_settings.py."""
    if server == "prometheus":
        return Prometheus()
    return InfluxDB(server) if server in ("split", "join") else \
        Graphite(server)


def now():
    return int(time.time())
