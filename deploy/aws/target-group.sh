#!/bin/sh
# A target group for a Network Load Balancer in front of the nodes: VPC=vpc-... deploy/aws/target-group.sh
# Not given, the protocol of a check is TCP, which is always up, and what counts as up is 200-399.
# When every target is down it sends to all of them.
# The nodes' security group opens the health port to the load balancer.
set -eu

aws elbv2 create-target-group \
  --name game \
  --vpc-id "${VPC:?}" \
  --target-type instance \
  --protocol UDP \
  --port 31777 \
  --health-check-protocol HTTP \
  --health-check-port 31313 \
  --health-check-path /healthz \
  --matcher HttpCode=200 \
  --health-check-interval-seconds 10 \
  --health-check-timeout-seconds 5 \
  --healthy-threshold-count 2 \
  --unhealthy-threshold-count 2
