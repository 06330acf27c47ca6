# SPDX-License-Identifier: MIT
"""As much of AMQP 0-9-1 and of MongoDB's protocol as collectd's writers speak;
see far_end.py.

usage: receive_binary.py PORT     of the page
"""
import json
import shlex
import socketserver
import struct
import sys

import bson

import far_end
from far_end import guarded

METHOD, HEADER, BODY, HEARTBEAT = 1, 2, 3, 8
START = b"\0\x09" + struct.pack(">I", 0) + b"\0\0\0\x05PLAIN\0\0\0\x05en_US"
TUNE = struct.pack(">HIH", 0, 131072, 0)
# What each method is answered with: class, method, arguments.
ANSWERS = {(10, 11): (10, 30, TUNE), (10, 40): (10, 41, b"\0"),
           (10, 50): (10, 51, b""), (20, 10): (20, 11, b"\0\0\0\0"),
           (20, 40): (20, 41, b""), (40, 10): (40, 11, b"")}


def take_command(line):
    verb, identifier, interval, values = shlex.split(line)
    far_end.expect(verb == "PUTVAL" and interval.startswith("interval="), line)
    far_end.put_identifier("amqp-command", identifier, values)


def take_amqp(key, body):
    text = body.decode("ascii")
    if key == "json":
        with guarded("amqp-json", body):
            for list_ in json.loads(text):
                far_end.put_json("amqp-json", list_)
        return
    with guarded("amqp-command", body):
        far_end.expect(key.startswith("collectd."), key)
        take_command(text)


class Amqp(socketserver.StreamRequestHandler):
    key = size = None
    body = b""

    def send(self, channel, class_, method, arguments):
        payload = struct.pack(">HH", class_, method) + arguments
        self.wfile.write(struct.pack(">BHI", METHOD, channel, len(payload)) +
                         payload + b"\xce")

    def take_method(self, channel, payload):
        method = struct.unpack(">HH", payload[:4])
        if method == (60, 40):  # publish: reserved, exchange, routing key
            at = 6 + 1 + payload[6]
            self.key = payload[at + 1:at + 1 + payload[at]].decode("ascii")
        elif method in ANSWERS:
            self.send(channel, *ANSWERS[method])

    def handle(self):
        self.rfile.read(8)
        self.send(0, 10, 10, START)
        while len(head := self.rfile.read(7)) == 7:
            kind, channel, size = struct.unpack(">BHI", head)
            payload = self.rfile.read(size)
            far_end.expect(self.rfile.read(1) == b"\xce", "no end of frame")
            if kind == METHOD:
                self.take_method(channel, payload)
            elif kind == HEADER:
                self.size, self.body = struct.unpack(">Q", payload[4:12])[0], b""
            elif kind == BODY:
                self.body += payload
                if len(self.body) == self.size:
                    take_amqp(self.key, self.body)


HELLO = {"ismaster": True, "isWritablePrimary": True, "helloOk": True,
         "minWireVersion": 0, "maxWireVersion": 13,
         "maxBsonObjectSize": 1 << 24, "maxMessageSizeBytes": 1 << 25,
         "maxWriteBatchSize": 1000, "ok": 1.0}
OP_REPLY, OP_QUERY, OP_MSG = 1, 2004, 2013


def take_document(document):
    with guarded("mongodb", document):
        far_end.put_json("mongodb", document)


def documents(data):
    """All that are in `data`, one after the other."""
    while data:
        size = struct.unpack("<i", data[:4])[0]
        yield bson.BSON(data[:size]).decode()
        data = data[size:]


def sections(data):
    """(name, documents) of an OP_MSG; the first has no name."""
    while data:
        kind, data = data[0], data[1:]
        size = struct.unpack("<i", data[:4])[0]
        section, data = data[:size], data[size:]
        name, text = b"", section
        if kind == 1:
            name, text = section[4:].split(b"\0", 1)
        yield name, list(documents(text))


class Mongo(socketserver.StreamRequestHandler):
    def answer(self, to, operation, payload):
        self.wfile.write(struct.pack("<iiii", 16 + len(payload), 1, to,
                                     operation) + payload)

    def take_message(self, to, payload):
        inserted = 0
        reply = {"ok": 1.0}
        for name, found in sections(payload[4:]):
            if name == b"documents":
                inserted += len(found)
                for document in found:
                    take_document(document)
            elif "hello" in found[0] or "isMaster" in found[0]:
                reply = HELLO
        if inserted:
            reply["n"] = inserted
        self.answer(to, OP_MSG, b"\0\0\0\0\0" + bson.BSON.encode(reply))

    def handle(self):
        while len(head := self.rfile.read(16)) == 16:
            size, to, _, operation = struct.unpack("<iiii", head)
            payload = self.rfile.read(size - 16)
            if operation == OP_QUERY:
                self.answer(to, OP_REPLY, struct.pack("<iqii", 8, 0, 0, 1) +
                            bson.BSON.encode(HELLO))
            elif operation == OP_MSG:
                self.take_message(to, payload)


far_end.serve(5672, Amqp)
far_end.serve(27017, Mongo)
far_end.serve_page(int(sys.argv[1]))
