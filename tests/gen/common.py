"""Runs the generator over the sample contract, whole or with one thing wrong."""
import os
import subprocess

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
GEN = os.path.join(ROOT, "proto", "gen")
SAMPLE = os.path.join(ROOT, "tests", "gen", "sample")
SHELF = "renhe/sample/shelf.proto"
STRICT = ("-std=c17 -D_GNU_SOURCE -Wall -Wextra -Wformat=2 -Wconversion -Wshadow -Wstrict-prototypes "
          "-Wmissing-prototypes -Werror").split()


def run(*command, **options):
    return subprocess.run([str(c) for c in command], capture_output=True, text=True, check=False, **options)


def read(*path):
    with open(os.path.join(*[str(p) for p in path]), encoding="utf-8") as source:
        return source.read()


def copy_with(folder, old, new, source=os.path.join(SAMPLE, "good"), name=SHELF):
    """A file of the contract below `folder`, with one edit that must apply exactly once."""
    text = read(source, name)
    assert text.count(old) == 1, f"the sample holds {old!r} {text.count(old)} times"
    target = os.path.join(str(folder), name)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    with open(target, "w", encoding="utf-8") as out:
        out.write(text.replace(old, new))
    return str(folder)


def generate(contract, out):
    """The vocabulary of proto/renhe/*.proto together with one contract folder."""
    vocabulary = os.path.join(str(out), "vocabulary")
    os.makedirs(os.path.join(vocabulary, "renhe"))
    for name in ("access", "common", "faults", "options", "policy"):
        os.symlink(os.path.join(ROOT, "proto", "renhe", f"{name}.proto"),
                   os.path.join(vocabulary, "renhe", f"{name}.proto"))
    return run(os.path.join(GEN, "generate"), contract, vocabulary, os.path.join(str(out), "gen"))
