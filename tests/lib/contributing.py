"""The steps of CONTRIBUTING.md ("Add a field", "Add a route", "Add an event"), read out of its text and done in a copy of the checkout, so
that the text and its test can't part.

A step is a line "`path`, where:" and the fenced block behind it. where: "behind `field`" and "behind rpc `name`" of
a .proto, "above `line`" and "in place of `line`", "at the end" of a file and "at the end of list `name`" of a .sql,
"new" of a file whose NNNN becomes its number."""
import hashlib
import re
import shutil
import subprocess
from dataclasses import dataclass

from renhe import CHECKOUT, Suite, clean_environment

STEP = re.compile(r"^`(?P<path>[^`\n]+)`, (?P<where>[^\n]+):\n\n```\w*\n(?P<text>.*?)```$", re.M | re.S)
COMMANDS = re.compile(r"^```sh\n(?P<text>.*?)```$", re.M | re.S)


@dataclass
class Step:
    path: str
    where: str
    text: str

    @property
    def argument(self):
        return re.search("`(.+)`", self.where).group(1)


def section(title, document="CONTRIBUTING.md"):
    text = (CHECKOUT / document).read_text()
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", text, re.M | re.S)
    assert found, f"{document} has no section {title!r}"
    return found.group(1)


def steps(title):
    return [Step(*found) for found in STEP.findall(section(title))]


def commands(title):
    return [line for block in COMMANDS.findall(section(title)) for line in block.splitlines()]


# ---- a copy of the checkout ----

def copy_checkout(folder):
    """All that stands in the checkout and isn't ignored by git."""
    names = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=CHECKOUT,
                           check=True, capture_output=True, text=True).stdout.split("\0")
    for name in filter(None, names):
        if (CHECKOUT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(CHECKOUT / name, folder / name)


class CopiedSuite(Suite):
    """A suite by the scripts of another checkout."""

    def __init__(self, checkout, run_dir, base):
        super().__init__(run_dir, base)
        self.checkout = checkout

    def script(self, name, *args, timeout=900, check=True):
        env = clean_environment(RENHE_RUN_DIR=str(self.run_dir), RENHE_PORT_BASE=str(self.base))
        done = subprocess.run([self.checkout / "scripts" / name, *args], env=env, text=True, timeout=timeout,
                              stdin=subprocess.DEVNULL, capture_output=True)
        assert not check or done.returncode == 0, f"scripts/{name}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done


def digests(folder):
    """Path -> digest of every file but what a build makes."""
    files = [p for p in folder.rglob("*") if p.is_file() and "build" not in p.relative_to(folder).parts[:1]]
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


# ---- doing a step ----

def next_number(folder):
    return max(int(p.name[:4]) for p in folder.glob("[0-9]*.sql")) + 1


def once(text, pattern, new, path):
    done, n = re.subn(pattern, lambda found: new(found.group(0)), text, flags=re.M)
    assert n == 1, f"{path}: {n} places for {pattern!r}"
    return done


def do(step, folder):
    if step.where == "new":
        path = folder / step.path
        number = next_number(path.parent)
        (path.parent / path.name.replace("NNNN", f"{number:04}")).write_text(step.text)
        return
    path = folder / step.path
    text = path.read_text()
    if step.where == "at the end":
        text += step.text
    elif step.where.startswith("behind rpc "):
        text = once(text, rf"^\trpc {step.argument}\(.*\n(?:\t\t.*\n)*\t\}}\n", lambda rpc: rpc + step.text, step.path)
    elif step.where.startswith("in place of "):
        text = once(text, rf"^\s*{re.escape(step.argument)}\n", lambda line: step.text, step.path)
    elif step.where.startswith("behind "):
        # In the message that has it first: others may repeat a name.
        at = re.search(rf"^\t(optional|repeated) \S+ {step.argument} = .*\n", text, re.M)
        assert at, f"{step.path} has no field {step.argument}"
        text = text[:at.end()] + step.text + text[at.end():]
    elif step.where.startswith("above "):
        text = once(text, rf"^{re.escape(step.argument)}$", lambda line: step.text + line, step.path)
    else:
        assert step.where.startswith("at the end of list "), step.where
        text = once(text, rf"^-- list: {step.argument} = .*$", lambda line: f"{line}, {step.text.strip()}", step.path)
    path.write_text(text)
