# SPDX-License-Identifier: MIT
"""A Kafka broker: that which librdkafka has for tests, with a topic for collectd, as
it does not make one for who only reads (librdkafka 2.8). Prints where it is.

usage: kafka_cluster.py
"""
import ctypes
import signal

kafka = ctypes.CDLL("librdkafka.so.1")
for name in ("rd_kafka_new", "rd_kafka_mock_cluster_new"):
    getattr(kafka, name).restype = ctypes.c_void_p
kafka.rd_kafka_mock_cluster_bootstraps.restype = ctypes.c_char_p

reason = ctypes.create_string_buffer(512)
handle = kafka.rd_kafka_new(0, None, reason, ctypes.c_size_t(len(reason)))
if not handle:
    raise SystemExit(reason.value.decode())
cluster = kafka.rd_kafka_mock_cluster_new(ctypes.c_void_p(handle), 1)
if kafka.rd_kafka_mock_topic_create(
        ctypes.c_void_p(cluster), b"collectd", 1, 1):
    raise SystemExit("no topic")
brokers = kafka.rd_kafka_mock_cluster_bootstraps(ctypes.c_void_p(cluster))
print(f"brokers: {brokers.decode()}", flush=True)
signal.pause()
