"""Spellings: how a name of the contract is written in C, in JSON and in SQL."""
import re


def snake(name):
    """TransferEmployee -> transfer_employee, by the rule of protobuf-c (a run of capitals is one word)."""
    out, was_upper = [], True
    for char in name:
        if char.isupper() and not was_upper:
            out.append("_")
        out.append(char.lower())
        was_upper = char.isupper()
    return "".join(out)


def upper(name):
    return snake(name).upper()


def c_symbol(package, relative):
    """('archive', 'Employee.Inner') -> 'ARCHIVE_EMPLOYEE_INNER'."""
    return "_".join(upper(part) for part in [package, *relative.split(".")])


def c_type(package, relative):
    """Struct name that protoc-c gives: Archive__Employee."""
    parts = [package, *relative.split(".")]
    return "__".join("".join(w[:1].upper() + w[1:] for w in part.split("_")) for part in parts)


def c_lower(package, relative):
    """Prefix of what protoc-c calls its descriptors: archive__employee."""
    return "__".join(snake(part) for part in [package, *relative.split(".")])


def enum_json(enum_name, value_name):
    """SEX_MALE of enum Sex -> MALE. A value without the prefix of its enum stays as it is."""
    prefix = upper(enum_name) + "_"
    return value_name[len(prefix):] if value_name.startswith(prefix) else value_name


_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def c_string(text):
    """One C string literal; NULL for None. '?' pairs are cut because -std=c17 knows trigraphs."""
    if text is None:
        return "NULL"
    body = "".join(_ESCAPES.get(c, c) for c in text)
    return '"' + body.replace("??", '?\\?') + '"'


def c_text(text, indent="\t"):
    """A long text as adjacent literals, one per line."""
    lines = text.splitlines(keepends=True) or [""]
    return "\n".join(indent + c_string(line) for line in lines)


def one_line(text):
    return re.sub(r"\s+", " ", text).strip()
