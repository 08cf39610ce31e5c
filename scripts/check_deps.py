"""Enforces deny.toml without a network: licences, banned crates, sources, wildcards; warns of duplicate versions.

Reads the same file as cargo-deny, so that nobody has to build cargo-deny (minutes on two cores) to run `make check`.
Advisories are not its job: they need a database from the network. The tree is `cargo tree` for each shipped target,
the sources are those of Cargo.lock. `check_deps.py --self-test` tests the licence expressions.
"""

import collections
import re
import subprocess
import sys
import tomllib


def satisfied(expression, allowed):
    """Evaluates an SPDX licence expression; the old `MIT/Apache-2.0` form means OR."""
    tokens = re.findall(r"[()]|[^\s()]+", expression.replace("/", " OR "))
    position = 0

    def peek():
        return tokens[position] if position < len(tokens) else None

    def take():
        nonlocal position
        position += 1
        return tokens[position - 1]

    def alternatives():
        result = together()
        while peek() == "OR":
            take()
            result = together() or result
        return result

    def together():
        result = one()
        while peek() == "AND":
            take()
            result = one() and result
        return result

    def one():
        if peek() is None:
            raise ValueError("unfinished expression")
        name = take()
        if name == "(":
            result = alternatives()
            if peek() != ")":
                raise ValueError("unbalanced parenthesis")
            take()
            return result
        if name in (")", "AND", "OR", "WITH"):
            raise ValueError(f"unexpected {name}")
        if peek() == "WITH":
            take()
            name = f"{name} WITH {take()}"
        return name in allowed

    result = alternatives()
    if peek() is not None:
        raise ValueError("words left over")
    return result


def tree(target):
    """(name, version, licence) of every crate linked for the target, build and test dependencies included."""
    command = ["cargo", "tree", "--locked", "--all-features", "--target", target, "--edges", "normal,build,dev"]
    lines = subprocess.run(
        command + ["--prefix", "none", "--no-dedupe", "--format", "{p}\t{l}"], check=True, stdout=subprocess.PIPE, text=True
    ).stdout.splitlines()
    crates = set()
    for line in filter(None, lines):
        package, _, licence = line.partition("\t")
        name, version = package.split()[:2]
        crates.add((name, version.lstrip("v"), licence))
    return crates


def wildcards(manifest):
    tables = [manifest] + list(manifest.get("target", {}).values())
    for table in tables:
        for kind in ("dependencies", "dev-dependencies", "build-dependencies"):
            for name, spec in table.get(kind, {}).items():
                version = spec if isinstance(spec, str) else spec.get("version", "*")
                if "*" in version:
                    yield name


def self_test():
    allowed = {"MIT", "Apache-2.0", "ISC"}
    cases = [
        ("MIT", True),
        ("GPL-3.0-only", False),
        ("MIT OR GPL-3.0-only", True),
        ("GPL-3.0-only/MIT", True),
        ("MIT AND GPL-3.0-only", False),
        ("ISC AND (Apache-2.0 OR GPL-3.0-only)", True),
        ("GPL-3.0-only OR MIT AND ISC", True),
        ("GPL-3.0-only AND MIT OR ISC", True),
        ("Apache-2.0 WITH LLVM-exception", False),
        ("Apache-2.0 WITH LLVM-exception OR MIT", True),
        ("(MIT", ValueError),
        ("MIT ISC", ValueError),
        ("", ValueError),
    ]
    failed = 0
    for expression, expected in cases:
        try:
            result = satisfied(expression, allowed)
        except ValueError:
            result = ValueError
        if result is not expected:
            failed += 1
            print(f"FAIL {expression!r}: {result}, expected {expected}", file=sys.stderr)
    print(f"{len(cases) - failed} passed, {failed} failed")
    return 1 if failed else 0


def main():
    with open("deny.toml", "rb") as f:
        policy = tomllib.load(f)
    with open("Cargo.lock", "rb") as f:
        locked = tomllib.load(f)["package"]
    with open("Cargo.toml", "rb") as f:
        manifest = tomllib.load(f)

    allowed = set(policy["licenses"]["allow"])
    banned = {row["crate"]: row["reason"] for row in policy["bans"]["deny"]}
    registries = {f"registry+{url}" for url in policy["sources"]["allow-registry"]}
    problems = []

    crates = set().union(*(tree(target) for target in policy["graph"]["targets"]))
    for name, version, licence in sorted(crates):
        try:
            if not satisfied(licence, allowed):
                problems.append(f"{name} {version}: licence {licence!r} is not allowed")
        except ValueError as error:
            problems.append(f"{name} {version}: licence {licence!r}: {error}")
        if name in banned:
            problems.append(f"{name} {version} is banned: {banned[name]}")
    for package in locked:
        source = package.get("source")
        if source is not None and source not in registries:
            problems.append(f"{package['name']} comes from {source}")
    problems += [f"{name}: a wildcard version" for name in wildcards(manifest)]

    versions = collections.defaultdict(set)
    for name, version, _ in crates:
        versions[name].add(version)
    for name, several in sorted(versions.items()):
        if len(several) > 1:
            print(f"warning: {name} is there in {len(several)} versions: {', '.join(sorted(several))}")
    for problem in problems:
        print(f"FAIL {problem}", file=sys.stderr)
    if not problems:
        print(f"dependencies: {len(crates)} crates follow deny.toml")
    return 1 if problems else 0


if __name__ == "__main__":
    try:
        sys.exit(self_test() if "--self-test" in sys.argv else main())
    except subprocess.CalledProcessError as error:  # cargo has already said why
        sys.exit(f"FAIL {' '.join(error.cmd[:2])} ended with {error.returncode}")
