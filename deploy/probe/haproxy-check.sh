#!/bin/sh
# HAProxy calls it with the proxy's address and port, then the server's.
case $3 in
  *:*) host="[$3]" ;;
  *) host=$3 ;;
esac
exec /usr/local/bin/http-healthcheck-sidecar probe "http://$host:31313/healthz"
