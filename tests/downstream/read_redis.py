# SPDX-License-Identifier: MIT
"""Print the last counts that write_redis put into a Redis; fails if there is a
key that belongs to no series.

usage: read_redis.py PORT
"""
import socket
import sys

import far_end


def reply(file):
    line = file.readline()
    size = int(line[1:]) if line[:1] in b"$*" else 0
    if line[:1] == b"$":
        return file.read(size + 2)[:-2].decode("ascii")
    if line[:1] == b"*":
        return [reply(file) for _ in range(size)]
    far_end.expect(line[:1] in b":+", line)
    return line


def ask(file, *words):
    file.write(b"*%d\r\n" % len(words))
    for word in words:
        file.write(b"$%d\r\n%s\r\n" % (len(word), word.encode("ascii")))
    file.flush()
    return reply(file)


with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as connection:
    redis = connection.makefile("rwb")
    names = ask(redis, "SMEMBERS", "collectd/values")
    keys = set(ask(redis, "KEYS", "*"))
    extra = keys - {"collectd/values"} - {f"collectd/{name}" for name in names}
    far_end.expect(not extra, extra)
    for name in names:
        last = ask(redis, "ZREVRANGE", f"collectd/{name}", "0", "0")[0]
        far_end.put_identifier("redis", name, last)
far_end.state["redis"].write()
