#!/bin/sh
# A probe for a load balancer: GROUP=... LB=... deploy/azure/probe.sh
# Up is exactly 200. Another status, or a reset, is down at once.
set -eu

az network lb probe create \
  --resource-group "${GROUP:?}" \
  --lb-name "${LB:?}" \
  --name game-health \
  --protocol Http \
  --port 31313 \
  --path /healthz \
  --interval 5
