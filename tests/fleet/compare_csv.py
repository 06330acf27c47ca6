# SPDX-License-Identifier: MIT
"""Compare all values that hosts have sent with those that a central server has.

usage: compare_csv.py SENT RECEIVED HOST...

Prints how many series and values there are; then, for each value that is at one
end only, "lost SERIES VALUES" or "new SERIES VALUES"; exit status 1 if there is
one.
"""
import pathlib
import sys


def read(directory, host):
    """{series: lines}; a series may have a file for each of two days."""
    series = {}
    for file in pathlib.Path(directory, host).glob("*/*"):
        name = f"{host}/{file.parent.name}/{file.name[:-len('-2026-11-22')]}"
        lines = file.read_text().splitlines()[1:]
        series.setdefault(name, []).extend(lines)
    return series


sent_dir, received_dir, *hosts = sys.argv[1:]
series, values, differences = 0, 0, []
for host in hosts:
    sent, received = (read(where, host) for where in (sent_dir, received_dir))
    series += len(sent)
    for name in sorted(sent.keys() | received.keys()):
        one, other = sorted(sent.get(name, [])), sorted(received.get(name, []))
        values += len(other)
        if one != other:
            one_set, other_set = set(one), set(other)
            differences += [f"lost {name} {line}" for line in one
                            if line not in other_set]
            differences += [f"new {name} {line}" for line in other
                            if line not in one_set]
            if len(set(other)) != len(other):
                differences.append(f"new {name} twice")
print(series, values)
print("\n".join(differences))
sys.exit(1 if differences else 0)
