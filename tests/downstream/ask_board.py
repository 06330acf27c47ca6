# SPDX-License-Identifier: MIT
"""Ask a server all that a dashboard shows, and write it to answers.js for
draw/board.jsx. Prints the height in rows.

usage: ask_board.py DASHBOARD SERVER START END STEP [marked]

SERVER is as for connect() of grafana.py. With "marked", each annotation has to find
something.
"""
import json
import sys

from grafana import Dashboard, Range, connect


def place(panels):
    """[(panel, row that it begins in)], with folded rows open."""
    placed, more = [], 0
    for panel in panels:
        inside = panel.get("panels", [])
        for one in [panel, *inside]:
            placed.append((one, one["gridPos"]["y"] + more))
        if inside:
            more += max(one["gridPos"]["y"] + one["gridPos"]["h"]
                        for one in inside) - panel["gridPos"]["y"] - 1
    return placed


def main(path, server, start, end, step):
    when = Range(int(start), int(end), int(step))
    board = Dashboard(path, connect(server), when, {"step": f"{step}s"})
    offers = {}
    for name in "host", "file", "cache":
        offers[name] = board.offers(name)
        board.choose(name, None)
    placed = place(board.model["panels"])
    marks = board.marks()
    for note, times in marks.items():
        if len(sys.argv) > 6 and not times:
            sys.exit(f"nothing is marked: {note}")
    with open("answers.js", "w") as file:
        file.write("window.ANSWERS = " + json.dumps({
            "uid": board.model["uid"],
            "from": when.start, "to": when.end, "offers": offers,
            "chosen": {"datasource": "default", "host": "$__all"},
            "marks": [{"colour": note["iconColor"], "times": marks[note["name"]]}
                      for note in board.model["annotations"]["list"]],
            "panels": [{**panel, "row": row} for panel, row in placed],
            "results": {panel["id"]: [
                [{"name": name, "labels": labels, "points": points}
                 for name, labels, points in found]
                for found in board.points(title)]
                for title, panel in board.panels.items()}}))
    print(max(row + panel["gridPos"]["h"] for panel, row in placed))


main(*sys.argv[1:6])
