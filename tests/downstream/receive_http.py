# SPDX-License-Identifier: MIT
"""An HTTP server that takes what write_http posts to /json and /command, and
prints the last counts of each when asked with GET. What it cannot parse makes
every later GET fail.

usage: receive_http.py PORT
"""
import contextlib
import http.server
import io
import json
import shlex
import sys
import threading

from series import Series

HOST = "web01.example.com"
DERIVES = {"ps_pagefaults": ["minflt", "majflt"]}
state = {"/json": Series(), "/command": Series()}
errors = []
lock = threading.Lock()


def take_json(text):
    for found in json.loads(text.decode("ascii")):
        if found["host"] != HOST:
            raise ValueError(f"host {found['host']}")
        for source, value in zip(found["dsnames"], found["values"]):
            yield (found["plugin"], found["plugin_instance"],
                   found["type_instance"] or source, value)


def take_command(text):
    for line in text.decode("ascii").splitlines():
        verb, identifier, interval, values = shlex.split(line)
        host, plugin, kind = identifier.split("/")
        if (verb, host) != ("PUTVAL", HOST):
            raise ValueError(line)
        plugin, _, instance = plugin.partition("-")
        kind, _, column = kind.partition("-")
        sources = [column] if column else DERIVES[kind]
        for source, value in zip(sources, values.split(":")[1:]):
            yield plugin, instance, source, float(value)


TAKE = {"/json": take_json, "/command": take_command}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, body=b""):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        text = self.rfile.read(int(self.headers["Content-Length"]))
        with lock:
            try:
                for row in TAKE[self.path](text):
                    state[self.path].put(*row)
            except (KeyError, ValueError) as error:
                errors.append(f"{self.path}: {error!r} in {text!r}")
        self.answer(200)

    def do_GET(self):
        with lock, contextlib.redirect_stdout(io.StringIO()) as out:
            state[self.path].write()
        print(*errors[:3], sep="\n", file=sys.stderr, flush=True)
        self.answer(500 if errors else 200, out.getvalue().encode())


http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])),
                                Handler).serve_forever()
