#!/usr/bin/env python3
"""Builds data/contract/{routes,fields}.tsv from a machine-readable description of the ClinikAPI contract.

Usage: scripts/build_contract.py CONTRACT.json [OUT_DIR]

Input: {"routes": [{method, path, operation, auth, fhirType?, queryOpen?, query: [{name, phi, who?, free?}],
body: [{path, type, phi, free?, enum?, container?}]}]}, distilled from ClinikAPI's published openapi.yaml
(clinikapi/docs, commit 59ad6f2, 2026-08-01, API version 1.0.0) and the request types of @clinikapi/sdk 0.3.1
(clinikapi/sdk, commit 0560cad, 2026-08-01). `phi` is `identifier:<HIPAA Safe Harbor label>`, `clinical`, `context`
or `none`: our own judgement, failing safe for URLs and logs. Output is sorted, so a rebuild from the same facts is
byte-identical; the order of routes.tsv is the order of the input and gives every route its index.
"""

import json
import sys
from pathlib import Path

ROUTES_HEAD = """\
# The 318 routes of ClinikAPI 1.0.0: openapi.yaml of clinikapi/docs 59ad6f2 (2026-08-01) and @clinikapi/sdk 0.3.1.
# Built by scripts/build_contract.py. Columns: method, template, operation, FHIR type or -, auth (1 or 0), then the
# query parameters as name:class[!who][*] with * for free text.
"""
FIELDS_HEAD = """\
# Class of the body fields of every resource, same sources as routes.tsv; create and update share one section.
# Built by scripts/build_contract.py. An identifier's label; free = human or clinical text; safe = vocabulary,
# opaque reference or plumbing; open = closed list of choices, so any other value was not foreseen.
# A container has a row only when all of it would be PHI if it came as plain text.
"""
STRENGTH = ["safe", "open", "free"]  # anything else is an identifier and stronger still


def resource(path: str) -> str:
    parts = path.split("/")
    return "bulk/" + parts[3] if parts[2:3] == ["bulk"] else parts[2] if len(parts) > 2 else parts[1]


def param_word(param: dict) -> str:
    label = param["phi"].removeprefix("identifier:")
    who = "!" + param["who"] if "who" in param else ""
    return f"{param['name']}:{label}{who}{'*' if param.get('free') else ''}"


def field_class(field: dict) -> str | None:
    phi, kind = field["phi"], field["type"]
    if phi.startswith("identifier:"):
        return phi.removeprefix("identifier:")
    if field.get("container"):
        return "free" if phi == "clinical" else None
    if kind in ("boolean", "number", "integer"):
        return "safe"
    if field.get("enum"):
        return "open"
    return "free" if phi == "clinical" or field.get("free") else "safe"


def strongest(a: str, b: str) -> str:
    rank = lambda c: STRENGTH.index(c) if c in STRENGTH else len(STRENGTH)
    return a if rank(a) >= rank(b) else b


def main() -> None:
    contract = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    out = Path(sys.argv[2] if len(sys.argv) > 2 else Path(__file__).parent.parent / "data/contract")
    rows, fields = [], {}
    for route in contract["routes"]:
        rows.append(
            "\t".join(
                [
                    route["method"],
                    route["path"],
                    route["operation"],
                    route.get("fhirType") or "-",
                    "1" if route["auth"] else "0",
                    *(param_word(p) for p in route["query"]),
                ]
            )
        )
        for field in route["body"]:
            found = field_class(field)
            if found is not None and not route.get("queryOpen"):
                section = fields.setdefault(resource(route["path"]), {})
                section[field["path"]] = strongest(found, section.get(field["path"], "safe"))
    out.mkdir(parents=True, exist_ok=True)
    (out / "routes.tsv").write_text(ROUTES_HEAD + "\n".join(rows) + "\n", encoding="utf-8")
    lines = []
    for name in sorted(fields):
        lines.append("@" + name)
        # Sorted by bytes, because the reader searches by halves.
        lines += [f"{path}\t{fields[name][path]}" for path in sorted(fields[name], key=str.encode)]
    (out / "fields.tsv").write_text(FIELDS_HEAD + "\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
