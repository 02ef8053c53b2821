#!/bin/sh
# Deploys one node from an ISO with curl alone, and waits for the proof.
#
#   TRAYLOAD_URL=https://trayload.example.org TRAYLOAD_TOKEN=tl_… ./deploy.sh rack1-u07 https://images.example/os.iso
#
# Exit status: 0 when it has succeeded, 1 when it has not, 2 for wrong use.
set -eu
[ $# -eq 2 ] || { echo "usage: TRAYLOAD_TOKEN=tl_... $0 NODE ISO-URL" >&2; exit 2; }
node=$1 iso=$2
url=${TRAYLOAD_URL:-http://127.0.0.1:8080}

# The token goes by a file that only this process reads: others see what stands in a command line.
api() {
    curl --silent --show-error --fail-with-body --config /dev/fd/3 "$@" 3<<CONFIG
header = "Authorization: Bearer ${TRAYLOAD_TOKEN:?is not set}"
CONFIG
}
# What stands before the first list is the deployment's own.
field() { sed -n "s/^{[^[]*\"$1\":\"\{0,1\}\([^\",}]*\).*/\1/p"; }

# One key for one intent: when an answer is lost, asking again with it deploys nothing twice.
key=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
answer=$(api --retry 3 --retry-connrefused -H "Idempotency-Key: $key" -H "Content-Type: application/json" \
    --data "{\"node\": \"$node\", \"boot\": {\"iso\": {\"url\": \"$iso\"}}, \"finish\": \"disc-read\"}" \
    "$url/v1/deployments") || { echo "$answer" >&2; exit 1; }
id=$(echo "$answer" | sed -n 's/^{"id":"\([^"]*\)".*/\1/p')
echo "$id is accepted"

# Each answer is held until there is something new, or for a minute.
final=false version=0
until [ "$final" = true ]; do
    answer=$(api --retry 5 --retry-connrefused "$url/v1/deployments/$id?waitMs=60000&after=$version")
    final=$(echo "$answer" | field final) version=$(echo "$answer" | field version)
    echo "$(echo "$answer" | field state), $(echo "$answer" | field step)"
done
[ "$(echo "$answer" | field state)" = succeeded ] || { echo "$answer" >&2; exit 1; }
