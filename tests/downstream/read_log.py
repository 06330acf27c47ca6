# SPDX-License-Identifier: MIT
"""Print the last counts that write_log put into a log of collectd, as JSON.
After each "write_log values:" comes a line that is a value list, whole.

usage: read_log.py LOG
"""
import json
import sys

import far_end

lines = iter(open(sys.argv[1], encoding="ascii"))
for line in lines:
    if line.endswith("write_log values:\n"):
        for text in json.loads(next(lines)):
            far_end.put_json("log", text)
far_end.state["log"].write()
