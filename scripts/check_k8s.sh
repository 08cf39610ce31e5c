#!/usr/bin/env bash
# Validates k8s/ without a cluster: each file against the schemas of the oldest and the newest Kubernetes we support,
# each kustomization with `kubectl kustomize` where kubectl is present, our own rules (scripts/check_k8s.py), and the
# policies in the ConfigMaps with `clinik-guard check` where the binary is built.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly oldest=1.29.0 newest=1.37.0
readonly venv=target/venv requirements=scripts/requirements-k8s.txt

if ! "$venv/bin/python" --version >/dev/null 2>&1 || ! cmp -s "$requirements" "$venv/requirements.installed"; then
    python3 -m venv --clear "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$requirements"
    cp "$requirements" "$venv/requirements.installed"
fi

mapfile -t manifests < <(find k8s -name '*.yaml' ! -name kustomization.yaml | sort)
for version in "$oldest" "$newest"; do
    "$venv/bin/kubernetes-validate" --strict -k "$version" "${manifests[@]}"
done

if command -v kubectl >/dev/null; then
    while read -r kustomization; do
        rendered="target/k8s/$(dirname "$kustomization" | tr / -).yaml"
        mkdir -p target/k8s
        kubectl kustomize "$(dirname "$kustomization")" >"$rendered"
        "$venv/bin/kubernetes-validate" --strict --quiet -k "$newest" "$rendered"
        echo "kustomize: $(dirname "$kustomization") renders and validates"
    done < <(find k8s -name kustomization.yaml | sort)
else
    echo "kustomize: skipped, kubectl is not installed"
fi

"$venv/bin/python" scripts/check_k8s.py "${manifests[@]}"

# The newest build there is. A fresh clone has none before `cargo test`, which is why `make test` runs this last.
guard=$(ls -t target/release/clinik-guard target/debug/clinik-guard 2>/dev/null | head -n 1 || true)
if [ -n "$guard" ] && "$guard" check --help >/dev/null 2>&1; then
    for policy in target/k8s/policies/*.yaml; do
        "$guard" check --no-files "$policy"
    done
else
    echo "policies: skipped, no clinik-guard binary is built yet"
fi
