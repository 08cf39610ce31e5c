#!/usr/bin/env python3
"""Measures the PHI engine over the labelled cases in tests/data/phi.

Owns: reading the corpora, one run of `clinik-guard eval` over all of them, the report.
Does not: write cases, know any rule, or print a case's text (only ids leave this script).
Invariant: every case counts exactly once; a case without an answer counts as a failure.

    python3 scripts/accuracy.py [--bin target/release/clinik-guard] [--data tests/data/phi]
                                [--write docs/accuracy.md] [--show] [--gate] [--twice]

--show   ids of failing cases on stderr, grouped by kind of failure
--gate   exit status 1 when a goal is missed (for CI)
--twice  feeds every answer back and counts the ones that change again
"""

import argparse
import collections
import json
import pathlib
import re
import subprocess
import sys
import unicodedata

ROOT = pathlib.Path(__file__).resolve().parent.parent
PLACES = ("url", "error", "log")
SAID_LAYER = re.compile(r" by [\w.-]+ \(([a-z ]+), (?:high|medium|low)\)")
REGIONS = ("us", "uk", "eu", "ca", "au", "ng")
PLACEHOLDER = re.compile(r"\[REDACTED:[^\]\s]{1,80}\]")
# Left out of the goals: open to argument (a provider's name, one day beside a patient id), or promised by no region pack.
APART = {"contested", "beyond-spec"}

# So many batches at the end show how it is now.
LATEST = 7

GOALS = (
    # key, what, limit, True when more is better
    ("url.precision", "URL precision", 0.99, True),
    ("url.recall", "URL recall", 0.99, True),
    ("url.false_rejects", "clean URLs refused", 0.005, False),
    ("error.leak", "error bodies in which a secret survives", 0.01, False),
    ("log.leak", "log lines in which a secret survives (bare names apart)", 0.03, False),
    ("log.leak_bare", "log lines with a bare name (no label, cue or echo) that survives", 0.15, False),
    ("damage", "clean bodies and lines changed", 0.01, False),
    ("json_broken", "JSON bodies and lines that no longer parse", 0.0, False),
)


def load(data):
    cases = []
    for place in PLACES:
        for path in sorted((data / place).glob("*.jsonl")):
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                if not line.strip():
                    continue
                case = json.loads(line)
                case["_place"], case["_file"] = place, f"{place}/{path.name}"
                case.setdefault("id", f"{path.stem}-{number}")
                case["_key"] = f"{case['_file']}#{case['id']}"
                case.setdefault("tags", [])
                case.setdefault("classes", [])
                cases.append(case)
    return cases


def independent(case):
    """URL files without `held-` were written beside the rules: good for regressions, no measure of accuracy."""
    return case["_place"] != "url" or "/held-" in case["_file"]


def question(case):
    fields = {
        "url": ("method", "target"),
        "error": ("status", "content_type", "request_body", "body"),
        "log": ("line",),
    }[case["_place"]]
    asked = {name: case[name] for name in fields if name in case}
    asked["id"] = case["_key"]
    return asked


def run(binary, questions):
    """One run of the binary; answers by id. Lines that are not JSON are ignored, not trusted."""
    text = "".join(json.dumps(q, ensure_ascii=False) + "\n" for q in questions)
    done = subprocess.run([binary, "eval", "--why"], input=text.encode(), capture_output=True, check=False)
    answers = {}
    for line in done.stdout.decode("utf-8", "replace").split("\n"):
        try:
            answer = json.loads(line)
        except ValueError:
            continue
        if isinstance(answer, dict) and "id" in answer:
            answers[answer["id"]] = answer
    return answers, done


def evaluate(binary, questions):
    """All answers. A run that stops early is a bug: halves are tried until the guilty case stands alone."""
    answers, done = run(binary, questions)
    if not answers and len(questions) > 1 and done.returncode in (0, 2, 127):
        sys.exit(f"accuracy: {binary} eval gave no answers (status {done.returncode})")
    if len(answers) == len(questions):
        return answers
    if len(questions) == 1:
        last = done.stderr.decode("utf-8", "replace").strip().split("\n")[0][:200]
        print(f"accuracy: no answer for {questions[0]['id']} (status {done.returncode}) {last}", file=sys.stderr)
        return answers
    middle = len(questions) // 2
    return evaluate(binary, questions[:middle]) | evaluate(binary, questions[middle:])


def leaves(value):
    """All text of a JSON value, keys included, and of JSON nested in its strings."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner)
    elif isinstance(value, str):
        yield value
        if value[:1] in "{[":
            try:
                yield from leaves(json.loads(value))
            except ValueError:
                pass
    elif value is not None:
        yield str(value)


def parse(text):
    try:
        return True, json.loads(text)
    except (ValueError, RecursionError):
        return False, None


def survivors(gone, text):
    """Which of the secrets are still in the answer, as sent or once its JSON is decoded."""
    views = [text]
    ok, value = parse(text)
    if ok:
        views.append("\n".join(leaves(value)))
    views = [unicodedata.normalize("NFC", PLACEHOLDER.sub("\0", view)) for view in views]
    folded = [view.casefold() for view in views]
    left = []
    for secret in gone:
        secret = unicodedata.normalize("NFC", secret)
        if len(secret) <= 3 and secret.isascii():
            # "Ng" must not be found in "missing".
            pattern = re.compile(r"(?<![A-Za-z0-9])" + re.escape(secret) + r"(?![A-Za-z0-9])")
            hit = any(pattern.search(view) for view in views)
        else:
            hit = any(secret.casefold() in view for view in folded)
        if hit:
            left.append(secret)
    return left


class Tally:
    """Counts of one group of cases."""

    def __init__(self):
        self.phi = self.clean = self.leaked = self.damaged = self.lost = 0

    def add(self, result):
        if result["clean"]:
            self.clean += 1
            self.damaged += result["damaged"]
        else:
            self.phi += 1
            self.leaked += result["leaked"]
            self.lost += result["lost"]


def judge_url(case, answer):
    verdict = answer.get("verdict")
    clean = case["verdict"] == "allow"
    return {
        "clean": clean,
        "leaked": not clean and verdict != "reject",
        "damaged": clean and verdict != "allow",
        "lost": False,
        "broken": False,
    }


def judge_text(case, answer, field):
    before, after = case[field], answer.get(field)
    if not isinstance(after, str):
        return {"clean": case["clean"], "leaked": not case["clean"], "damaged": case["clean"], "lost": True, "broken": False}
    was_json = before.lstrip()[:1] in ("{", "[", '"') and parse(before)[0]
    return {
        "clean": case["clean"],
        "leaked": not case["clean"] and bool(survivors(case["gone"], after)),
        "damaged": case["clean"] and after != before,
        "lost": not case["clean"] and any(keep not in after for keep in case.get("kept", ())),
        "broken": bool(was_json) and not parse(after)[0],
    }


def judge(case, answer):
    if case["_place"] == "url":
        return judge_url(case, answer)
    return judge_text(case, answer, "body" if case["_place"] == "error" else "line")


def percent(part, whole):
    return "–" if not whole else f"{100 * part / whole:.1f} %"


def share(part, whole):
    return part / whole if whole else 0.0


def table(head, rows):
    out = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    out += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(out)


def grouped(results, groups_of):
    tallies = collections.defaultdict(Tally)
    for case, result in results:
        for group in groups_of(case):
            tallies[group].add(result)
    return tallies


def layers_of(answer):
    """The layers whose findings a refusal or a redaction rests on; of targets `why` speaks in sentences."""
    layers = []
    for finding in answer.get("why") or ():
        if isinstance(finding, dict):
            layers += [finding["layer"]] if "layer" in finding else []
        else:
            layers += [match[1] for match in SAID_LAYER.finditer(str(finding))]
    return layers


def by_layer(results, answers):
    """For each layer: its findings by place, the cases with PHI it spoke in, and those in which no other did."""
    found = collections.Counter()
    cases, alone = collections.Counter(), collections.Counter()
    for case, result in results:
        layers = layers_of(answers.get(case["_key"], {}))
        for layer in layers:
            found[layer, case["_place"]] += 1
        if result["clean"]:
            continue
        for layer in set(layers):
            cases[layer] += 1
            alone[layer] += len(set(layers)) == 1
    rows = [
        (layer, *(found[layer, place] for place in PLACES), cases[layer], alone[layer])
        for layer in sorted(cases, key=lambda layer: -cases[layer])
    ]
    return table(("layer", *(f"findings, {place}" for place in PLACES), "cases with PHI", "of them alone"), rows)


def measures(results):
    """The numbers the goals are about: independent cases only, without the ones that are counted apart."""
    sure = [(c, r) for c, r in results if independent(c) and not APART.intersection(c["tags"])]
    url = [r for c, r in sure if c["_place"] == "url"]
    hit = sum(not r["clean"] and not r["leaked"] for r in url)
    false = sum(r["damaged"] for r in url)
    text = [(c, r) for c, r in sure if c["_place"] != "url"]

    def leak(place, bare):
        phi = [r for c, r in text if c["_place"] == place and not r["clean"] and ("name-none" in c["tags"]) == bare]
        return share(sum(r["leaked"] for r in phi), len(phi))

    clean = [r for _, r in text if r["clean"]]
    return {
        "url.precision": share(hit, hit + false),
        "url.recall": share(hit, sum(not r["clean"] for r in url)),
        "url.false_rejects": share(false, sum(r["clean"] for r in url)),
        "error.leak": leak("error", False),
        "log.leak": leak("log", False),
        "log.leak_bare": leak("log", True),
        "damage": share(sum(r["damaged"] for r in clean), len(clean)),
        "json_broken": float(sum(r["broken"] for _, r in text)),
    }


def unseen_counts(text):
    """Of each numbered batch of UNSEEN.md: what was missed of how many, by column."""
    rows = []
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if re.match(r"\d+\b", cells[0]) and len(cells) == 8:
            found = [re.match(r"(\d+)/(\d+)", cell) for cell in cells[1:]]
            rows.append([(int(m[1]), int(m[2])) if m else (0, 0) for m in found])
    return rows


def expectations(notes):
    """The half page for a reader who wants to know what to count on; figures are of first runs only."""
    batches = unseen_counts(notes)
    what = (
        "URLs with PHI let through",
        "clean URLs refused",
        "error bodies in which something survives",
        "clean error bodies changed",
        "log lines in which something survives",
        "bare names in prose that survive",
        "clean log lines changed",
    )

    def summed(rows, column):
        parts = [row[column] for row in rows]
        missed, all_of = sum(part[0] for part in parts), sum(part[1] for part in parts)
        return f"{percent(missed, all_of)} ({missed} of {all_of})"

    recent = batches[-LATEST:]
    rows = [(name, summed(recent, column), summed(batches, column)) for column, name in enumerate(what)]
    return [
        "## What to expect",
        "",
        "Of text that nobody had looked at before, each batch on its first run. The batches tempt: they hold more that is hard than traffic does.",
        "",
        table(("", f"the last {len(recent)} batches", f"all {len(batches)}"), rows),
        "",
        "- **URLs** are close to sure: the contract says which parameter holds what, and what nobody declared is judged by its shape. What",
        "  passes is a bare number, or a word that no list knows, where an id or free text may stand.",
        "- **Errors** are better than their figures where the request carried the value: it is found again whatever it looks like. What gets",
        "  through is prose about somebody whom the request did not name.",
        "- **Logs** have no request to compare with. Labels, shapes and check digits are found; a name alone in a sentence often is not. Let",
        "  `scrub` catch what slips out, and do not log patients because it is there.",
        "- **Damage** is a word or number too many replaced by its label, never a broken line. `scrub.allow` brings one text back,",
        "  `scrub.places` a class or everything that is not sure; `explain --lines` says which rule it was.",
        "- **Measure yours**: `clinik-guard scrub --stats < your.log` and `clinik-guard eval` on your access logs.",
        "",
    ]


def met(value, limit, more):
    return value >= limit if more else value <= limit


def report(results, answers, unanswered, unstable):
    numbers = measures(results)
    parts = ["# Accuracy over the project's own corpus", ""]
    notes = ROOT / "tests/data/phi/UNSEEN.md"
    unseen = notes.read_text(encoding="utf-8") if notes.exists() else ""
    parts += expectations(unseen) if unseen else []
    parts += ["## How it was measured", ""]
    parts += [
        f"Written by `scripts/accuracy.py` over {len(results)} labelled cases in `tests/data/phi`: every case is synthetic and",
        "was written from the standards and from the shapes real systems print. The rules have since been worked on with these",
        "cases in view, so the figures say what was reached on them, not what unseen text will show. *Leak*: a secret",
        "survives anywhere in the answer (or a URL with PHI is let through). *Damage*: a clean case is changed or refused.",
        "*Context lost*: PHI is gone, but text an operator needs went with it. The goals leave out cases tagged `contested` or",
        "`beyond-spec` and the URL files that were written beside the rules (those without `held-`).",
        "",
        "## Goals",
        "",
    ]
    rows = []
    for key, what, limit, more in GOALS:
        value = numbers[key]
        shown = f"{value:.0f}" if key == "json_broken" else f"{100 * value:.2f} %"
        wanted = f"{limit:.0f}" if key == "json_broken" else f"{'≥' if more else '≤'} {100 * limit:g} %"
        rows.append((what, shown, wanted, "yes" if met(value, limit, more) else "**no**"))
    parts += [table(("measure", "measured", "goal", "met"), rows), ""]
    if unseen:
        parts += [unseen.rstrip(), ""]
    if unanswered:
        parts += [f"{unanswered} cases got no answer and count as failures.", ""]
    if unstable is not None:
        parts += [f"{unstable} answers change when fed back a second time.", ""]

    def section(title, groups_of, order=None):
        tallies = grouped(results, groups_of)
        names = [n for n in order if n in tallies] if order else sorted(tallies)
        lines = []
        for name in names:
            t = tallies[name]
            lines.append((name, t.phi, percent(t.leaked, t.phi), t.clean, percent(t.damaged, t.clean), percent(t.lost, t.phi)))
        head = (title, "with PHI", "leak", "clean", "damage", "context lost")
        parts.extend((f"## By {title}", "", table(head, lines), ""))

    section("place", lambda c: [c["_place"]], PLACES)
    parts.extend(
        (
            "## By layer",
            "",
            "Which layer found what (`eval --why`). Where several find the same bytes, the one that is named is the first to have",
            "taken them, so a layer's share is not what would be lost without it.",
            "",
            by_layer(results, answers),
            "",
        )
    )
    section("class", lambda c: sorted(set(c["classes"])))
    section("region", lambda c: [t for t in c["tags"] if t in REGIONS], REGIONS)
    section("file", lambda c: [c["_file"]])
    section("tag", lambda c: [f"{c['_place']} {t}" for t in c["tags"] if t not in REGIONS and t != "clean"])
    return "\n".join(parts).rstrip() + "\n", numbers


def show(results):
    for kind in ("leaked", "damaged", "lost", "broken"):
        keys = [c["_key"] for c, r in results if r[kind]]
        if keys:
            print(f"{kind} ({len(keys)}):", file=sys.stderr)
            for key in keys:
                print(f"  {key}", file=sys.stderr)


def second_pass(binary, cases, answers):
    again = []
    for case in cases:
        field = {"error": "body", "log": "line"}.get(case["_place"])
        answer = answers.get(case["_key"], {})
        if field and isinstance(answer.get(field), str):
            asked = question(case)
            asked.pop("request_body", None)
            asked[field] = answer[field]
            again.append((asked, field))
    replies = evaluate(binary, [asked for asked, _ in again])
    return [a["id"] for a, f in again if replies.get(a["id"], {}).get(f) != a[f]]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--bin", default=str(ROOT / "target/release/clinik-guard"))
    parser.add_argument("--data", type=pathlib.Path, default=ROOT / "tests/data/phi")
    parser.add_argument("--write", type=pathlib.Path)
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--gate", action="store_true")
    parser.add_argument("--twice", action="store_true")
    options = parser.parse_args()

    cases = load(options.data)
    answers = evaluate(options.bin, [question(case) for case in cases])
    results = [(case, judge(case, answers.get(case["_key"], {}))) for case in cases]
    unanswered = sum(case["_key"] not in answers or "error" in answers[case["_key"]] for case in cases)
    unstable = second_pass(options.bin, cases, answers) if options.twice else None
    text, numbers = report(results, answers, unanswered, None if unstable is None else len(unstable))
    if options.show:
        show(results)
        for key in unstable or ():
            print(f"unstable {key}", file=sys.stderr)
    if options.write:
        options.write.parent.mkdir(parents=True, exist_ok=True)
        options.write.write_text(text, encoding="utf-8")
    else:
        print(text)
    if options.gate and not all(met(numbers[key], limit, more) for key, _, limit, more in GOALS):
        sys.exit(1)


if __name__ == "__main__":
    main()
