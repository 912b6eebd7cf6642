"""Reads named queries and column lists out of .sql files; refuses what could only fail at run time."""
import re
from dataclasses import dataclass, field

KINDS = {"one": "QUERY_ONE", "opt": "QUERY_OPT", "many": "QUERY_MANY", "exec": "QUERY_EXEC"}
FROM_CONTEXT = {"@today", "@now", "@tenant_id", "@account_id", "@person_id", "@request_id"}
NAME = r"[a-z][a-z0-9_]*"
# What has a colon or a brace that is neither parameter nor list; first match wins.
TOKEN = re.compile(r"""
    (?P<line>--[^\n]*)
  | (?P<block>/\*.*?\*/)
  | (?P<text>[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*')
  | (?P<quoted>"(?:[^"]|"")*")
  | (?P<dollar>\$(?P<tag>[A-Za-z_]*)\$.*?\$(?P=tag)\$)
  | (?P<cast>::)
  | (?P<assign>:=)
  | (?P<param>:(?P<pname>@?[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*))
  | (?P<list>\{(?P<lname>[^{}]*)\})
  | (?P<number>\$[0-9]+)
  | (?P<end>;)
  | (?P<blank>\s+)
  | (?P<other>[A-Za-z0-9_]+|.)
""", re.VERBOSE | re.DOTALL)


class SqlError(Exception):
    """file:line: what is wrong"""


@dataclass
class Query:
    name: str
    kind: str
    file: str
    line: int
    package: str
    raw: str = ""
    inputs: str = None   # "archive.Employee" or None
    outputs: str = None
    none: str = None
    keys: str = None     # column of the subject whose keys come along with the row
    violations: list = field(default_factory=list)
    text: str = ""
    params: list = field(default_factory=list)

    symbol = property(lambda self: f"Q_{self.name.upper()}")

    def fail(self, text):
        raise SqlError(f"{self.file}:{self.line}: {self.name}: {text}")


class Names:
    """The contract's names, from index.json."""

    def __init__(self, index, packages):
        self.messages, self.faults, self.packages = index["messages"], index["faults"], packages

    def message(self, query, name):
        full = name if "." in name else f"{query.package}.{name}"
        if full not in self.messages:
            query.fail(f"message {full} is not in the contract")
        return full

    def fault(self, query, code):
        package = self.faults.get(code)
        if package is None:
            query.fail(f"fault {code} is in no enum Fault")
        if package not in self.packages:
            query.fail(f"fault {code} belongs to {package}, and here count {', '.join(sorted(self.packages))}")
        return code

    def check_param(self, query, name):
        if name.startswith("@"):
            if name not in FROM_CONTEXT:
                query.fail(f":{name}: the context has {', '.join(sorted(FROM_CONTEXT))}")
            return
        if not query.inputs:
            query.fail(f":{name} without in=")
        message = query.inputs
        *outer, last = name.split(".")
        for part in outer:
            message = self.messages[message]["fields"].get(part, {}).get("message")
            if not message:
                query.fail(f":{name}: '{part}' is no message field of {query.inputs}")
        fields = self.messages[message]["fields"]
        if last in fields:
            if fields[last]["message"]:
                query.fail(f":{name} is a message; name a field of it")
        elif not (last.endswith("_index") and fields.get(last[:-len("_index")], {}).get("index")):
            query.fail(f":{name} is no field of {message}")


def parse_list(lines, i, where, lists):
    """'-- list: a = x, y'; goes on in the next comment line after a comma. Gives the next line's number."""
    found = re.fullmatch(rf"--\s*list:\s*({NAME})\s*=\s*(.*)", lines[i].strip())
    if not found:
        raise SqlError(f"{where}:{i + 1}: a list is written '-- list: name = a, b'")
    name, body, start = found.group(1), found.group(2), i + 1
    while body.rstrip().endswith(",") and i + 1 < len(lines) and lines[i + 1].startswith("--"):
        i += 1
        body += " " + lines[i][2:].strip()
    items = [item.strip() for item in body.split(",")]
    for item in items:
        if not re.fullmatch(rf"{NAME}|\{{{NAME}\}}", item):
            raise SqlError(f"{where}:{start}: list {name}: '{item}' is no plain name")
    if name in lists:
        raise SqlError(f"{where}:{start}: list {name} stands at {lists[name][1]} already")
    lists[name] = (items, f"{where}:{start}")
    return i + 1


def parse_header(lines, i, where, package):
    """'-- name: q :kind key=value ...'; comment lines of nothing but key=value go on with it."""
    found = re.fullmatch(rf"--\s*name:\s*({NAME})\s+:(\w+)((?:\s+\S+)*)\s*", lines[i].strip())
    if not found or found.group(2) not in KINDS:
        raise SqlError(f"{where}:{i + 1}: a query is named '-- name: x :{'|'.join(KINDS)} in=Message out=Message'")
    query = Query(found.group(1), found.group(2), where, i + 1, package)
    words = found.group(3).split()
    while i + 1 < len(lines) and re.fullmatch(r"--(\s+\w+=\S+)+\s*", lines[i + 1]):
        i += 1
        words += lines[i][2:].split()
    query.pairs = []
    for word in words:
        key, sign, value = word.partition("=")
        if not sign or not value:
            query.fail(f"'{word}': expected key=value")
        query.pairs.append((key, value))
    return query, i + 1


def parse_file(path, where, package, lists):
    """Queries of one file, with lists put into `lists`."""
    with open(path, encoding="utf-8") as source:
        lines = source.read().split("\n")
    queries, current, i = [], None, 0
    while i < len(lines):
        line = lines[i]
        if re.match(r"--\s*list:", line):
            i = parse_list(lines, i, where, lists)
        elif re.match(r"--\s*name:", line):
            current, i = parse_header(lines, i, where, package)
            queries.append(current)
        else:
            package_line = re.fullmatch(rf"--\s*package:\s*({NAME})\s*", line)
            if package_line:
                package = package_line.group(1)
            elif current:
                current.raw += line + "\n"
            elif line.strip() and not line.startswith("--"):
                raise SqlError(f"{where}:{i + 1}: text before the first '-- name:'")
            i += 1
    return queries


def expand(query, lists, word, trail=()):
    """{a} -> x, y; {e.a} -> e.x, e.y; {:a} -> :x, :y; {=a} -> x = :x, y = :y."""
    found = re.fullmatch(rf"([:=]|{NAME}\.)?({NAME})", word)
    if not found or found.group(2) not in lists:
        query.fail(f"{{{word}}}: no such list")
    prefix, name = found.group(1) or "", found.group(2)
    if name in trail:
        query.fail(f"list {name} holds itself")
    out = []
    for item in lists[name][0]:
        if item.startswith("{"):
            out.append(expand(query, lists, prefix + item[1:-1], (*trail, name)))
        else:
            out.append(f"{item} = :{item}" if prefix == "=" else prefix + item)
    return ", ".join(out)


def bind(query, lists):
    """Fills text and params: lists expanded, comments dropped, parameters numbered."""
    expanded = "".join(expand(query, lists, t.group("lname")) if t.lastgroup == "list" else t.group(0)
                       for t in TOKEN.finditer(query.raw) if t.lastgroup not in ("line", "block"))
    out, ended = [], False
    for token in TOKEN.finditer(expanded):
        kind = token.lastgroup
        if kind == "blank":
            if out and out[-1] != " ":
                out.append(" ")
            continue
        if ended:
            query.fail("one statement to a name: something follows the ';'")
        if kind == "end":
            ended = True
        elif kind == "number":
            query.fail(f"{token.group(0)}: parameters go by name")
        elif kind == "param":
            name = token.group("pname")
            if name not in query.params:
                query.params.append(name)
            out.append(f"${query.params.index(name) + 1}")
        elif token.group(0) in ("'", '"', "{", "}"):
            query.fail(f"a {token.group(0)} without its other half")
        else:
            out.append(token.group(0))
    query.text = "".join(out).strip()
    if not query.text:
        query.fail("has no statement")


# As read_keys (seal_subject.c) asks for them: the newest first, "-" one that was destroyed.
WITH_KEYS = ("select q.*, (select string_agg(k.key_id || ' ' || coalesce(k.wrapped::text, '-'), ',' order by k.key_id desc) "
             "from subject_key k where k.tenant_id = renhe_tenant() and k.subject_id = q.{0}) as subject_keys from ({1}) q")


def bring_keys(query, column):
    if not re.match(r"(select|with)\b", query.text) or not re.fullmatch(NAME, column):
        query.fail("keys= names the subject's column of a select")
    query.keys = column
    query.text = WITH_KEYS.format(column, query.text)


def resolve(query, names):
    """Header pairs and parameters against the contract."""
    for key, value in query.pairs:
        if key == "in":
            query.inputs = names.message(query, value)
        elif key == "out":
            query.outputs = names.message(query, value)
        elif key == "none":
            query.none = names.fault(query, value)
        elif key == "keys":
            bring_keys(query, value)
        else:
            query.violations.append((key, names.fault(query, value)))
    keys = [k for k, _ in query.pairs]
    if len(set(keys)) != len(keys):
        query.fail("a key stands twice in the header")
    if query.none and query.kind != "one":
        query.fail("none= is for :one; a query that may find nothing is :opt")
    if (query.kind == "exec") == bool(query.outputs):
        query.fail(":exec has no out=, every other kind has one")
    for name in query.params:
        names.check_param(query, name)
