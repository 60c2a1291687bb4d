#!/usr/bin/env bash
# Makes sure that a Docker engine answers here and has a base image; prints the base image's name, the
# only line on standard output.
#
#   deploy/local-engine.sh
#
# An engine that answers is used as it is. Otherwise one is started (as root, in the background, without
# the bridge network and without touching the firewall: the builds and the test use the host's network).
# Where the registry is reached, the base is the one that the Dockerfiles name. Where it is not, it is
# made from Debian's packages and this machine's CA bundle.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly local_base=rlvf/base:bookworm

say() { echo "local-engine: $*" >&2; }

engine_answers() { docker version --format '{{.Server.Version}}' >/dev/null 2>&1; }

if ! command -v docker >/dev/null; then
  say "no docker command; install one, on Debian: apt-get install docker.io mmdebstrap"
  exit 1
fi

if ! engine_answers; then
  if ! command -v dockerd >/dev/null; then
    say "no Docker engine answers, and none is installed; on Debian: apt-get install docker.io mmdebstrap"
    exit 1
  fi
  if [ "$(id -u)" != 0 ]; then
    say "no Docker engine answers; start it (systemctl start docker), or run this as root"
    exit 1
  fi
  log=$(mktemp -t rlvf-dockerd-XXXXXX.log)
  setsid dockerd --iptables=false --ip6tables=false --bridge=none >"$log" 2>&1 </dev/null &
  engine=$!
  for _ in $(seq 60); do
    if engine_answers; then break; fi
    if ! kill -0 "$engine" 2>/dev/null; then break; fi
    sleep 0.5
  done
  if ! engine_answers; then
    say "the engine did not start; its log is $log and ends:"
    tail -n 3 "$log" >&2
    exit 1
  fi
  say "started an engine, process $engine; its log is $log; stop it with: kill $engine"
fi

declared_base=$(sed -n 's/^ARG BASE_IMAGE=//p' services/executor/Dockerfile)
if docker image inspect "$declared_base" >/dev/null 2>&1 || timeout 300 docker pull --quiet "$declared_base" >/dev/null 2>&1; then
  echo "$declared_base"
  exit 0
fi
if ! docker image inspect "$local_base" >/dev/null 2>&1; then
  if ! command -v mmdebstrap >/dev/null; then
    say "$declared_base cannot be pulled; to make a base image from Debian's packages: apt-get install mmdebstrap"
    exit 1
  fi
  say "$declared_base cannot be pulled; making $local_base from Debian's packages"
  mmdebstrap --quiet --variant=minbase --include=python3,python3-venv,ca-certificates \
    --customize-hook='copy-in /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs' \
    bookworm - | docker import - "$local_base" >/dev/null
fi
echo "$local_base"
