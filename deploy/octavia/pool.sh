#!/bin/sh
# A pool for UDP in front of the nodes, checked by the sidecar, in your load balancer: LB=... deploy/octavia/pool.sh
# HTTP checks of a UDP pool need Octavia's API 2.16 or later, and its amphora provider.
set -eu

openstack loadbalancer listener create --wait --name game --protocol UDP --protocol-port 7777 "${LB:?}"
openstack loadbalancer pool create --wait --name game --listener game --protocol UDP --lb-algorithm SOURCE_IP

for node in 192.0.2.11 192.0.2.12; do
  # The check goes to another port than the traffic.
  openstack loadbalancer member create --wait --address "$node" --protocol-port 31777 --monitor-port 31313 game
done

# The time-out is below the delay, and above the sidecar's ANSWER_TIMEOUT (900ms).
openstack loadbalancer healthmonitor create --wait \
  --type HTTP \
  --url-path /healthz \
  --expected-codes 200 \
  --delay 3 \
  --timeout 2 \
  --max-retries 2 \
  --max-retries-down 2 \
  game
