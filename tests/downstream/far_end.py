# SPDX-License-Identifier: MIT
"""What the receivers share: the last counts of each series, by the name of a
writer, and a page that has them. What cannot be parsed, or should not be there,
makes every later page of that writer fail."""
import contextlib
import http.server
import io
import re
import socketserver
import threading

from series import Series

HOST = "web01.example.com"
PLUGINS = ("pagefault", "slab", "bpfmem")
INSTANCE = r"[A-Za-z0-9._+~@-]{1,127}"  # all that a label may have
SOURCES = {"ps_pagefaults": ["minflt", "majflt"]}

state = {}
errors = {}
lock = threading.Lock()


def expect(good, what):
    if not good:
        raise ValueError(what)


def put(writer, host, plugin, instance, kind, column, value):
    """`column` is the type instance, or the data source if there is none."""
    expect(host == HOST, f"host {host!r}")
    expect(plugin in PLUGINS, f"plugin {plugin!r}")
    expect(re.fullmatch(INSTANCE, instance), f"instance {instance!r}")
    expect(re.fullmatch("[a-z_]+", kind), f"type {kind!r}")
    expect(re.fullmatch("[a-z0-9_]+", column), f"column {column!r}")
    with lock:
        state.setdefault(writer, Series()).put(plugin, instance, column,
                                               float(value))


def put_list(writer, host, plugin, instance, kind, type_instance, values):
    columns = [type_instance] if type_instance else SOURCES[kind]
    expect(len(columns) == len(values), f"{len(values)} values of {kind}")
    for column, value in zip(columns, values):
        put(writer, host, plugin, instance, kind, column, value)


def put_identifier(writer, identifier, values):
    """As "host/plugin-instance/type-instance", values as "TIME:A:B"."""
    host, plugin, kind = identifier.split("/")
    plugin, _, instance = plugin.partition("-")
    kind, _, type_instance = kind.partition("-")
    put_list(writer, host, plugin, instance, kind, type_instance,
             values.split(":")[1:])


def put_json(writer, text):
    """A value list as collectd's own format_json() has it."""
    put_list(writer, text["host"], text["plugin"], text["plugin_instance"],
             text["type"], text["type_instance"], text["values"])


@contextlib.contextmanager
def guarded(writer, data):
    """Says what is wrong with `data`, the first time, and goes on."""
    try:
        yield
    except Exception as error:
        with lock:
            if writer not in errors:
                print(f"{writer}: {error!r} in {data!r}", flush=True)
            errors[writer] = errors.get(writer, 0) + 1


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        writer = self.path[1:]
        with lock, contextlib.redirect_stdout(io.StringIO()) as out:
            state.get(writer, Series()).write()
            wrong = writer in errors
        self.send_response(500 if wrong else 200)
        self.end_headers()
        self.wfile.write(out.getvalue().encode())

    def log_message(self, *args):
        pass


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


def serve(port, handler, server=Server):
    threading.Thread(target=server(("127.0.0.1", port), handler).serve_forever,
                     daemon=True).start()


def serve_page(port):
    http.server.ThreadingHTTPServer(("127.0.0.1", port), Page).serve_forever()
