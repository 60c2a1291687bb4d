#!/usr/bin/env bash
# Pushes images of build-images.sh, and prints them as the `images:` of a kustomize overlay, pinned by digest.
#
#   deploy/push-images.sh REGISTRY IMAGE ...      REGISTRY: host and path, as registry.example.com/team
#
# Environment:
#   VERSION      their tag; default: the newTag of k8s/base/kustomization.yaml
set -euo pipefail
cd "$(dirname "$0")/.."

if [ $# -lt 2 ]; then
  echo "push-images: usage: deploy/push-images.sh REGISTRY IMAGE ..." >&2
  exit 2
fi
registry=$1
shift
version=${VERSION:-$(sed -n 's/^ *newTag: *//p' k8s/base/kustomization.yaml | head -n 1)}

echo "images:"
for image in "$@"; do
  pushed=$registry/rlvf/$image
  docker tag "rlvf/$image:$version" "$pushed:$version"
  docker push --quiet "$pushed:$version" >&2
  digest=$(docker image inspect --format '{{range .RepoDigests}}{{println .}}{{end}}' "$pushed:$version" |
    sed -n "s#^$pushed@##p")
  if [ -z "$digest" ]; then
    echo "push-images: the engine knows no digest of $pushed:$version" >&2
    exit 1
  fi
  # The manifests' name of it.
  printf '  - name: rlvf/%s\n    newName: %s\n    digest: %s\n' "${image%-scientific}" "$pushed" "$digest"
done
