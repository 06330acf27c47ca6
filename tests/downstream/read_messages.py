# SPDX-License-Identifier: MIT
"""Print the last counts in a file of messages, a line each.

usage: read_messages.py json FILE     format_json() of collectd
       read_messages.py mqtt FILE     TOPIC, tab, payload
"""
import json
import sys

import far_end


def take_json(line):
    for text in json.loads(line):
        far_end.put_json("json", text)


def take_mqtt(line):
    topic, payload = line.rstrip("\n").split("\t")
    prefix, _, identifier = topic.partition("/")
    far_end.expect(prefix == "collectd", topic)
    far_end.put_identifier("mqtt", identifier, payload.rstrip("\0"))


form, name = sys.argv[1:]
with open(name, encoding="ascii") as file:
    text = file.read()
for line in text[:text.rfind("\n") + 1].splitlines(keepends=True):
    {"json": take_json, "mqtt": take_mqtt}[form](line)
far_end.state[form].write()
