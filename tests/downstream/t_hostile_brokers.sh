#!/bin/bash
# SPDX-License-Identifier: MIT
# Brokers and stores: mqtt into Mosquitto, write_redis into Redis, write_kafka
# into librdkafka's own cluster, amqp1 into Qpid Proton, grpc into another
# collectd; amqp and write_mongodb into receivers of their protocols.
set -eu
# shellcheck source=tests/downstream/lib.sh
. "$(dirname "$0")/lib.sh"
need mosquitto mosquitto
need mosquitto_sub mosquitto-clients
need redis-server redis-server
need kcat kcat
need_python bson python3-bson
need_python proton python3-qpid-proton
enter_scratch

# shellcheck disable=SC2034 # of write_config
writers="LoadPlugin mqtt
<Plugin mqtt>
  <Publish far>
    Host \"127.0.0.1\"
    Prefix \"collectd\"
    StoreRates false
  </Publish>
</Plugin>
LoadPlugin write_redis
<Plugin write_redis>
  <Node far>
    Host \"127.0.0.1\"
    Port \"6379\"
    StoreRates false
  </Node>
</Plugin>
LoadPlugin write_kafka
<Plugin write_kafka>
  Property \"metadata.broker.list\" \"BROKERS\"
  <Topic collectd>
    Format JSON
    StoreRates false
  </Topic>
</Plugin>
LoadPlugin amqp
<Plugin amqp>
  <Publish command>
    Host \"127.0.0.1\"
    Port 5672
    Format Command
    StoreRates false
  </Publish>
  <Publish json>
    Host \"127.0.0.1\"
    Port 5672
    RoutingKey \"json\"
    Format JSON
    StoreRates false
  </Publish>
</Plugin>
LoadPlugin amqp1
<Plugin amqp1>
  <Transport far>
    Host \"127.0.0.1\"
    Port \"5673\"
    User \"guest\"
    Password \"guest\"
    Address \"collectd\"
    RetryDelay 1
    <Instance counts>
      Format JSON
      StoreRates false
    </Instance>
  </Transport>
</Plugin>
LoadPlugin write_mongodb
<Plugin write_mongodb>
  <Node far>
    Host \"127.0.0.1\"
    Port \"27017\"
    StoreRates false
  </Node>
</Plugin>
LoadPlugin grpc
<Plugin grpc>
  <Listen \"127.0.0.1\" \"50052\">
  </Listen>
  <Server \"127.0.0.1\" \"50051\">
  </Server>
</Plugin>"

# start_central: another collectd, that takes what grpc sends.
start_central() {
  mkdir central
  {
    base_conf central "$scratch/central" "$scratch/central/csv"
    cat <<END2
LoadPlugin grpc
<Plugin grpc>
  <Listen "127.0.0.1" "50051">
  </Listen>
</Plugin>
END2
  } >central/conf
  serve central collectd -f -C "$scratch/central/conf"
  await_port central 50051
}

serve mosquitto mosquitto -p 1883
serve redis redis-server --bind 127.0.0.1 --port 6379 --save '' --dir "$scratch"
serve receiver "$python" "$here/receive_binary.py" 8080
serve amqp1 "$python" "$here/receive_amqp1.py" 5673 8081
serve kafka "$python" "$here/kafka_cluster.py"
start_central
await_port mosquitto 1883
await_port redis 6379
await_port receiver 8080
await_port amqp1 5673
wait_for 'the brokers' grep -q brokers: kafka.log
brokers=$(sed -n 's/^brokers: //p' kafka.log)
writers=${writers/BROKERS/$brokers}
# A tab is in no topic: mqtt's own rules.
serve mqtt mosquitto_sub -p 1883 -t '#' -F '%t\t%p'
serve topic kcat -q -b "$brokers" -C -t collectd -o beginning -u

# In topics + and # are patterns, so mqtt makes them "_".
expected() {
  read_sent | sed 's/+/_/g' | sort
}

start_sender
send_work
arrived mqtt "$python" "$here/read_messages.py" mqtt mqtt.log
expected() {
  read_sent
}
arrived write_redis "$python" "$here/read_redis.py" 6379
arrived write_kafka "$python" "$here/read_messages.py" json topic.log
for writer in amqp-command amqp-json mongodb; do
  arrived "$writer" curl -sf "http://127.0.0.1:8080/$writer"
done
arrived amqp1 curl -sf http://127.0.0.1:8081/amqp1
arrived 'grpc, csv of a central' "$python" "$here/read_csv.py" \
  "central/csv/$host"
stop
! grep -E '(mqtt|redis|kafka|amqp1?|mongodb|grpc) plugin.*(fail|error)' log ||
  fail 'a writer complains'
