# SPDX-License-Identifier: MIT
"""Takes what amqp1 sends, as value lists in JSON; see far_end.py.

usage: receive_amqp1.py PORT PAGE
"""
import json
import sys
import threading

from proton.handlers import MessagingHandler
from proton.reactor import Container

import far_end


class Receiver(MessagingHandler):
    def on_start(self, event):
        event.container.listen(f"127.0.0.1:{sys.argv[1]}")

    def on_message(self, event):
        text = bytes(event.message.body).decode("ascii")
        with far_end.guarded("amqp1", text):
            far_end.expect(event.message.address == "/collectd/counts",
                           event.message.address)
            for list_ in json.loads(text):
                far_end.put_json("amqp1", list_)


threading.Thread(target=Container(Receiver()).run, daemon=True).start()
far_end.serve_page(int(sys.argv[2]))
