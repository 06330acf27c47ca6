# SPDX-License-Identifier: MIT
"""Takes what the writers of lines send: write_tsdb, write_influxdb_udp,
write_sensu and write_syslog, each at its usual port. Every byte must be
accounted for; see far_end.py.

usage: receive_text.py PORT     of the page
"""
import json
import re
import socketserver
import sys

import far_end
from far_end import INSTANCE, guarded

HOST = re.escape(far_end.HOST)
NUMBER = r"(-?[0-9][0-9.e+-]*|nan)"


def take_tsdb(line):
    found = re.fullmatch(
        rf"put ([a-z]+)\.({INSTANCE})\.([a-z_]+)\.([a-z0-9_]+) [0-9]+ {NUMBER} "
        rf"fqdn=({HOST})  \r\n", line)
    plugin, instance, kind, column, value, host = found.groups()
    far_end.put("tsdb", host, plugin, instance, kind, column, value)


def take_influx(line):
    found = re.fullmatch(
        rf"([a-z]+),host=({HOST}),instance=({INSTANCE}),type=([a-z_]+)"
        rf"(?:,type_instance=([a-z0-9_]+))? (\S+) [0-9]+\n", line)
    plugin, host, instance, kind, type_instance, fields = found.groups()
    for field in fields.split(","):
        source, value = re.fullmatch(rf"([a-z]+)={NUMBER}i?", field).groups()
        far_end.put("influxdb_udp", host, plugin, instance, kind,
                    type_instance or source, value)


def take_sensu(line):
    event = json.loads(line)
    name, value, _ = event["output"].split(" ")
    far_end.expect(re.fullmatch(r"[A-Za-z0-9._+~@/-]+", name), name)
    far_end.put("sensu", far_end.HOST, event["collectd_plugin"],
                event["collectd_plugin_instance"],
                event["collectd_plugin_type"],
                event.get("collectd_plugin_type_instance") or
                event["collectd_data_source_name"], value)


def take_syslog(line):
    text = re.fullmatch(rf"<166>1 \S+ {HOST} collectd [0-9]+ - - (\{{.*\}})\n",
                        line).group(1)
    message = json.loads(text)
    list_ = message["collectd"]
    for key, value in list_[list_["plugin"]].items():
        far_end.put("syslog", message["hostname"], list_["plugin"],
                    list_["plugin_instance"], list_["type"],
                    list_["type_instance"] or key.rpartition(".")[2], value)


def take_syslog_human(line):
    found = re.fullmatch(
        rf"<166>1 \S+ ({HOST}) collectd [0-9]+ - \[collectd value=\"{NUMBER}\""
        rf" plugin=\"([a-z]+)\" plugin_instance=\"({INSTANCE})\""
        r" type_instance=\"([a-z0-9_]*)\" type=\"([a-z_]+)\" ds_name=\"([a-z]+)\""
        r" interval=\"[0-9]+\"\]  [a-z_.]+=\"[^\"\s]+\"\n", line)
    host, value, plugin, instance, type_instance, kind, source = found.groups()
    far_end.put("syslog-human", host, plugin, instance, kind,
                type_instance or source, value)


def lines(writer, take):
    class Handler(socketserver.StreamRequestHandler):
        def handle(self):
            for line in self.rfile:
                with guarded(writer, line):
                    take(line.decode("ascii"))
    return Handler


class InfluxPacket(socketserver.BaseRequestHandler):
    def handle(self):
        for line in self.request[0].splitlines(keepends=True):
            with guarded("influxdb_udp", line):
                take_influx(line.decode("ascii"))


far_end.serve(4242, lines("tsdb", take_tsdb))
far_end.serve(3030, lines("sensu", take_sensu))
far_end.serve(44514, lines("syslog", take_syslog))
far_end.serve(44515, lines("syslog-human", take_syslog_human))
far_end.serve(8089, InfluxPacket, socketserver.ThreadingUDPServer)
far_end.serve_page(int(sys.argv[1]))
