#!/bin/sh
# A health check for a passthrough Network Load Balancer's backend service: REGION=... deploy/gcp/health-check.sh
# Up is exactly 200. With `--proxy-header=PROXY_V1` it sends that header first, which the sidecar takes as well.
# A firewall rule opens the health port to Google's probers.
set -eu

gcloud compute health-checks create http game \
  --region="${REGION:?}" \
  --port=31313 \
  --request-path=/healthz \
  --check-interval=5s \
  --timeout=2s \
  --healthy-threshold=2 \
  --unhealthy-threshold=2
