"""Catalogues of texts: what comes of them compiles and is typed, and what a translator or a programmer may
get wrong is refused by place."""
import os

import pytest

from common import GEN, ROOT, STRICT, read, run

TEXTGEN = os.path.join(GEN, "textgen")
CATALOGUE = """# What a shelf says.

SHELF_FULL
zh-CN: 书架{shelf}已满（{count:int} 本），见{law:text}
en: shelf {shelf} is full: {count:int} books, {law:text}

# Begins with a blank.
LAW
zh-CN: 《图书馆法》
en:  Library Law {
""".replace("Law {", "Law")
TABLE = "# As people say it.\nfield\tword\nname\t书名\nname\t\\题\"名\n"
USES = "TEXT_SHELF_FULL(a, b, &TEXT_DEF_LAW) SHELF_WORDS"


def folder_with(folder, catalogue=CATALOGUE, table=TABLE, uses=USES):
    (folder / "texts").mkdir(parents=True)
    (folder / "texts" / "messages.txt").write_text(catalogue, encoding="utf-8")
    if table:
        (folder / "texts" / "shelf_words.tsv").write_text(table, encoding="utf-8")
    (folder / "shelf.c").write_text(uses, encoding="utf-8")
    return folder


def textgen(folder, out, *more):
    out.mkdir(exist_ok=True)
    return run(TEXTGEN, "--out", out, "--package", "sample", "--folder", folder, *more)


def compiled(tmp_path, statement):
    """A program that says something, built with our warnings."""
    (tmp_path / "say.c").write_text("""#include "sample_texts.h"
#include "arena.h"
#include <stdio.h>
int main(void)
{
	struct arena *a = arena_new();
	%s
	arena_free(a);
	return 0;
}
""" % statement, encoding="utf-8")
    chassis = os.path.join(ROOT, "services", "chassis")
    return run("gcc", *STRICT, "-iquote", tmp_path / "out", "-iquote", chassis, tmp_path / "say.c",
               tmp_path / "out" / "sample_texts.c", *[os.path.join(chassis, f"{n}.c") for n in ("text", "arena", "str")],
               "-o", tmp_path / "say")


def test_what_is_made_speaks(tmp_path):
    made = textgen(folder_with(tmp_path / "room"), tmp_path / "out")
    assert made.returncode == 0, made.stderr
    built = compiled(tmp_path, """struct text t = TEXT_SHELF_FULL("%s{count}", 3, &TEXT_DEF_LAW);
	printf("%s|%s|%s|%s|%u", text_zh(a, t), text_en(a, t), text_en(a, TEXT_LAW), SHELF_WORDS[1].word, N_SHELF_WORDS);""")
    assert built.returncode == 0, built.stderr
    assert run(tmp_path / "say").stdout == (
        "书架%s{count}已满（3 本），见《图书馆法》|shelf %s{count} is full: 3 books,  Library Law| Library Law|\\题\"名|2")


@pytest.mark.parametrize("statement", [
    'text_zh(a, TEXT_SHELF_FULL("x", "3", &TEXT_DEF_LAW));', 'text_zh(a, TEXT_SHELF_FULL(7, 3, &TEXT_DEF_LAW));',
    'text_zh(a, TEXT_SHELF_FULL("x", 3));', 'text_zh(a, TEXT_SHELF_FULL("x", 3, "law"));',
    'text_zh(a, TEXT_NOBODY_KNOWS);', 'text_zh(a, TEXT_LAW(1));'],
    ids=["text for a number", "number for a text", "one too few", "text for an entry", "unknown key", "one too many"])
def test_wrong_arguments_do_not_compile(statement, tmp_path):
    assert textgen(folder_with(tmp_path / "room"), tmp_path / "out").returncode == 0
    assert compiled(tmp_path, statement).returncode != 0


CASES = [
    ("no English", "en:  Library Law\n", "", "LAW has no en"),
    ("no Chinese", "zh-CN: 《图书馆法》\n", "", "LAW has no zh-CN"),
    ("another language", "en:  Library", "de: Library", "not 'zh-CN: text'"),
    ("a language twice", "en:  Library", "zh-CN: x\nen:  Library", "LAW has zh-CN twice"),
    ("empty", "en:  Library Law", "en: ", "not 'zh-CN: text'"),
    ("a blank at the end", "图书馆法》", "图书馆法》 ", "not 'zh-CN: text'"),
    ("a placeholder in one only", "is full: {count:int} books", "is full", "the placeholders of SHELF_FULL differ"),
    ("of another kind", "{count:int} books", "{count} books", "the placeholders of SHELF_FULL differ"),
    ("of an unknown kind", "{count:int} books", "{count:float} books", "is none of"),
    ("of two kinds", "{count:int} books", "{count:int} {count} books", "is of two kinds"),
    ("a brace", "is full:", "is full {:", "a brace that is no placeholder"),
    ("a format", "Library Law", "Library {0}", "a brace that is no placeholder"),
    ("a key in small letters", "LAW\n", "law\n", "a key is written LIKE_THIS"),
    ("a key twice", "LAW\n", "SHELF_FULL\n", "SHELF_FULL stands at"),
    ("nobody's key", "# Begins", "SPARE\nzh-CN: 余\nen: spare\n\n# Begins", "nobody says SPARE"),
]


@pytest.mark.parametrize("name,old,new,words", CASES, ids=[c[0] for c in CASES])
def test_catalogue_is_refused(name, old, new, words, tmp_path):
    assert CATALOGUE.count(old) == 1
    made = textgen(folder_with(tmp_path / "room", CATALOGUE.replace(old, new)), tmp_path / "out")
    assert made.returncode != 0, f"{name}: was taken"
    assert words in made.stderr and "texts/messages.txt:" in made.stderr, made.stderr
    assert "Traceback" not in made.stderr and not os.listdir(tmp_path / "out")


@pytest.mark.parametrize("old,new,words", [
    ("name\t书名", "name\t\t书名", "not 2 cells"), ("name\t书名", "name\t", "not 2 cells"),
    ("name\t书名", "name 书名", "not 2 cells"), ("\\题\"名", "书名", "stands at"),
    ("name\t书名\nname\t\\题\"名\n", "", "and rows")])
def test_table_is_refused(old, new, words, tmp_path):
    assert TABLE.count(old) == 1
    made = textgen(folder_with(tmp_path / "room", table=TABLE.replace(old, new)), tmp_path / "out")
    assert made.returncode != 0 and words in made.stderr and "shelf_words.tsv" in made.stderr, made.stderr


def test_table_that_nobody_reads_is_refused(tmp_path):
    made = textgen(folder_with(tmp_path / "room", uses=USES.replace("SHELF_WORDS", "")), tmp_path / "out")
    assert made.returncode != 0 and "nobody reads SHELF_WORDS" in made.stderr


def test_key_of_the_chassis_is_refused(tmp_path):
    other = folder_with(tmp_path / "chassis", "LAW\nzh-CN: 法\nen: law\n", None, "TEXT_LAW")
    made = textgen(folder_with(tmp_path / "room"), tmp_path / "out", "--link", other)
    assert made.returncode != 0 and "LAW stands at" in made.stderr and "chassis" in made.stderr


def test_same_texts_keep_their_time(tmp_path):
    room = folder_with(tmp_path / "room")
    assert textgen(room, tmp_path / "out").returncode == 0
    before = {p.name: p.stat().st_mtime_ns for p in (tmp_path / "out").iterdir()}
    assert textgen(room, tmp_path / "out").returncode == 0
    assert before == {p.name: p.stat().st_mtime_ns for p in (tmp_path / "out").iterdir()}
    assert "SHELF_FULL" in read(tmp_path / "out", "sample_texts.h")
