# SPDX-License-Identifier: MIT
"""Print the shapes that whisper files have, and how many have each.

usage: whisper_shapes.py FILE...
"""
import collections
import sys

import whisper


def shape(file):
    info = whisper.info(file)
    archives = (f"{archive['secondsPerPoint']}:{archive['retention']}"
                for archive in info["archives"])
    return " ".join([info["aggregationMethod"], f"{info['xFilesFactor']:g}",
                     *archives])


for text, count in collections.Counter(map(shape, sys.argv[1:])).items():
    print(count, text)
