"""Our own rules for the example manifests, which no schema knows, and a test that each rule can fail.

A pod that runs the guard must run it unprivileged, read the key from a file, mount whole volumes, be probed on the
ops port, and keep the key away from the app. The policies of the ConfigMaps are written to target/k8s/policies/.
Usage: check_k8s.py MANIFEST...
"""

import copy
import pathlib
import sys

import yaml

GUARD = "clinik-guard"
OPS_PORT = 9090
NONROOT = 65532


def pod_template(doc):
    return doc.get("spec", {}).get("template", {}).get("spec")


def containers(pod):
    return pod.get("initContainers", []) + pod.get("containers", [])


def check_container(c):
    security = c.get("securityContext", {})
    if security.get("runAsNonRoot") is not True:
        yield "runAsNonRoot is not true"
    if security.get("readOnlyRootFilesystem") is not True:
        yield "readOnlyRootFilesystem is not true"
    if security.get("allowPrivilegeEscalation") is not False:
        yield "allowPrivilegeEscalation is not false"
    if security.get("capabilities", {}).get("drop") != ["ALL"]:
        yield "capabilities are not dropped"
    if security.get("seccompProfile", {}).get("type") != "RuntimeDefault":
        yield "seccompProfile is not RuntimeDefault"
    if not c.get("resources", {}).get("requests") or "memory" not in c.get("resources", {}).get("limits", {}):
        yield "requests or the memory limit are missing"
    tag = c.get("image", "").rpartition("/")[2].partition(":")[2]
    if tag in ("", "latest"):
        yield "the image has no fixed tag"
    if any("subPath" in m or "subPathExpr" in m for m in c.get("volumeMounts", [])):
        yield "a subPath mount never sees updates"


def check_guard(c, native):
    if (c.get("restartPolicy") == "Always") is not native:
        yield "restartPolicy Always belongs to the native form, and only there"
    if any("KEY" in e.get("name", "") for e in c.get("env", [])) or c.get("envFrom"):
        yield "the key comes from a file, not from the environment: only a file can be rotated"
    ports = {p.get("name"): p.get("containerPort") for p in c.get("ports", [])}
    for kind, path in (("startupProbe", "/readyz"), ("livenessProbe", "/livez")):
        http = c.get(kind, {}).get("httpGet", {})
        if http.get("path") != path or ports.get(http.get("port"), http.get("port")) != OPS_PORT:
            yield f"{kind} is not {path} on port {OPS_PORT}"


def check_pod(pod, is_job):
    if pod.get("automountServiceAccountToken") is not False:
        yield "automountServiceAccountToken is not false"
    security = pod.get("securityContext", {})
    if security.get("fsGroup") != NONROOT or security.get("runAsUser") != NONROOT:
        yield f"runAsUser and fsGroup are not {NONROOT}"

    guards = [c for c in containers(pod) if c["name"] == GUARD]
    if len(guards) != 1:
        yield f"there are {len(guards)} guards"
        return
    guard = guards[0]
    native = guard in pod.get("initContainers", [])
    if is_job and not native:
        yield "a Job with the old sidecar form never completes"
    if not is_job and guard.get("readinessProbe", {}).get("httpGet", {}).get("path") != "/readyz":
        yield "readinessProbe is not /readyz"
    yield from check_guard(guard, native)

    volumes = {v["name"]: v for v in pod.get("volumes", [])}
    for c in containers(pod):
        yield from (f"{c['name']}: {problem}" for problem in check_container(c))
        for mount in c.get("volumeMounts", []):
            volume = volumes.get(mount["name"])
            if volume is None:
                yield f"{c['name']}: no volume {mount['name']}"
            elif "secret" in volume and c is not guard:
                yield f"{c['name']}: only the guard may mount the key"
            elif ("secret" in volume or "configMap" in volume) and mount.get("readOnly") is not True:
                yield f"{c['name']}: {mount['name']} is not readOnly"


def check_references(doc, known):
    for volume in pod_template(doc).get("volumes", []):
        for kind, key in (("ConfigMap", "configMap"), ("Secret", "secret")):
            if key in volume:
                name = volume[key].get("name") or volume[key].get("secretName")
                if (kind, name) not in known:
                    yield f"no {kind} is called {name}"


def check_policy(policy):
    """What the manifests take for granted; the guard itself checks the rest."""
    address = policy.get("ops", {}).get("address", "")
    if not address.endswith(f":{OPS_PORT}") or address.startswith(("127.", "[::1]")):
        yield f"ops.address {address!r} cannot be probed by the kubelet on port {OPS_PORT}"
    if not policy.get("credentials", {}).get("current", {}).get("file", "").startswith("/run/secrets/clinikapi/"):
        yield "credentials.current is not a file of the mounted Secret"


def check_all(docs):
    known = {(d["kind"], d["metadata"]["name"]) for d in docs}
    for doc in docs:
        where = f"{doc['kind']}/{doc['metadata']['name']}"
        problems = []
        if doc["kind"] in ("Deployment", "Job"):
            problems += check_pod(pod_template(doc), doc["kind"] == "Job")
            problems += check_references(doc, known)
        elif doc["kind"] == "ConfigMap":
            problems += check_policy(yaml.safe_load(doc["data"]["policy.yaml"]))
        elif doc["kind"] == "Secret":
            if not all("PLACEHOLDER" in value for value in doc["stringData"].values()):
                problems.append("the example Secret holds something that is not marked as a placeholder")
        yield from (f"{where}: {problem}" for problem in problems)


# Each row breaks one thing in a good manifest; the check must then say so.
def first_guard(docs, kind):
    pod = pod_template(next(d for d in docs if d["kind"] == kind))
    return pod, next(c for c in containers(pod) if c["name"] == GUARD)


BREAKAGES = {
    "privileges": lambda d: first_guard(d, "Deployment")[1]["securityContext"].update(allowPrivilegeEscalation=True),
    "root": lambda d: first_guard(d, "Job")[1]["securityContext"].pop("runAsNonRoot"),
    "writable root": lambda d: first_guard(d, "Job")[1]["securityContext"].update(readOnlyRootFilesystem=False),
    "subPath": lambda d: first_guard(d, "Deployment")[1]["volumeMounts"][1].update(subPath="current"),
    "key in env": lambda d: first_guard(d, "Deployment")[1].update(env=[{"name": "CLINIKAPI_SECRET_KEY", "value": "x"}]),
    "app has key": lambda d: first_guard(d, "Deployment")[0]["containers"][0].update(
        volumeMounts=[{"name": "guard-key", "mountPath": "/k", "readOnly": True}]
    ),
    "not native": lambda d: first_guard(d, "Job")[1].pop("restartPolicy"),
    "probe port": lambda d: first_guard(d, "Deployment")[1]["livenessProbe"]["httpGet"].update(port=8080),
    "token": lambda d: first_guard(d, "Deployment")[0].pop("automountServiceAccountToken"),
    "latest": lambda d: first_guard(d, "Job")[1].update(image="registry.example.com/clinik-guard"),
    "lost ConfigMap": lambda d: d.remove(next(x for x in d if x["kind"] == "ConfigMap")),
    "loopback ops": lambda d: next(x for x in d if x["kind"] == "ConfigMap")["data"].update(
        {"policy.yaml": "ops: {address: 127.0.0.1:9090}\ncredentials: {current: {file: /run/secrets/clinikapi/current}}"}
    ),
    "real key": lambda d: next(x for x in d if x["kind"] == "Secret")["stringData"].update(current="abc"),
}


def main(paths):
    docs = [d for path in paths for d in yaml.safe_load_all(pathlib.Path(path).read_text()) if d]
    problems = list(check_all(docs))

    for name, break_it in BREAKAGES.items():
        broken = copy.deepcopy(docs)
        break_it(broken)
        if not list(check_all(broken)):
            problems.append(f"self-test: the breakage {name!r} is not noticed")

    out = pathlib.Path("target/k8s/policies")
    out.mkdir(parents=True, exist_ok=True)
    for doc in docs:
        if doc["kind"] == "ConfigMap":
            (out / f"{doc['metadata']['name']}.yaml").write_text(doc["data"]["policy.yaml"])

    for problem in problems:
        print(f"FAIL {problem}", file=sys.stderr)
    if not problems:
        print(f"manifests: {len(docs)} objects follow our rules, {len(BREAKAGES)} breakages are noticed")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
