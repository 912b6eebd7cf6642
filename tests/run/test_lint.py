"""The lints let good code pass and stop each kind of bad code."""
import shutil
import subprocess
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]

GOOD = {
    "services/chassis/db_run.c": "#include <libpq-fe.h>\nint x;\n",
    "services/chassis/http_conn.c": "#include <event2/event.h>\n#include <pthread.h>\n",
    "services/chassis/seal_crypto.c": "#include <openssl/evp.h>\n#include <sodium.h>\n",
    "services/chassis/arena.c": "void f(void *p) { free(p); }\n",
    "services/archive/hire.c": '/* strcpy(a, b) */ const char *t = "malloc(1)"; int n = snprintf(a, 1, "");\n',
    "services/archive/dates.c": "bool same = strcmp(a->sex, b->sex) == 0; x.free(1); my_rand();\n",
    "services/archive/said.c": "/* 部门 \"编码\" */ const char *s = \"\\\"＝\"; // \"岗位\"\n",
    "tests/unit/test_seeded.c": "srand(seed); x = rand();\n",
    "proto/renhe/archive/a.proto": "",
    "proto/renhe/payroll/a.proto": "",
    "services/payroll/slip.c": "int64_t doubled; // a double here\n",
    "scripts/ok": "#!/bin/bash\necho ok\n",
}

BAD = [
    ("one_owner", "services/archive/archive.c", "#include <libpq-fe.h>\n"),
    ("one_owner", "services/chassis/request.c", "#include  <cjson/cJSON.h>\n"),
    ("one_owner", "gateway/hop.c", "# include <jwt.h>\n"),
    ("one_owner", "services/people/people.c", "#include <pthread.h>\n"),
    ("one_owner", "services/chassis/dbx.c", "#include <libpq-fe.h>\n"),
    ("one_owner", "services/chassis/fault.c", "#include <openssl/evp.h>\n"),
    ("banned", "services/chassis/fault.c", "void f(void) { strcpy(a, b); }\n"),
    ("banned", "services/chassis/fault.c", "int n = atoi(s);\n"),
    ("banned", "gateway/hop.c", "\tsprintf(a, b);\n"),
    ("banned", "services/chassis/str.c", "x = rand();\n"),
    ("banned", "services/chassis/str.c", "\tsystem(line);\n"),
    ("banned", "tests/unit/test_x.c", "strcpy(a, b);\n"),
    ("banned", "services/chassis/json.c", "cJSON_GetObjectItem(a, b);\n"),
    ("banned", "services/archive/hire.c", "char *p = malloc(3);\n"),
    ("banned", "services/archive/hire.c", "\tgoto out;\n"),
    ("banned", "services/archive/hire.c", "pthread_mutex_lock(&m);\n"),
    ("banned", "services/archive/hire.c", 'PQexec(c, "");\n'),
    ("banned", "services/chassis/fault.c", "if (strcmp(given, secret) == 0)\n"),
    ("banned", "services/payroll/slip.c", "double pay;\n"),
    ("committed", "services/chassis/archive.gen.c", "int x;\n"),
    ("committed", "services/archive/archive_sql.h", "int x;\n"),
    ("committed", "services/chassis/long.c", "int x;\n" * 601),
    ("committed", "build/CMakeCache.txt", "x\n"),
    ("texts", "services/archive/hire.c", 'fault_add(cx, "/a", "B", "不行", "no");\n'),
    ("texts", "services/archive/hire.c", 'fault_add(cx, "/a", "B", text_pair(zh, "no"));\n'),
    ("texts", "gateway/gate.c", 'const char *s = "/* " "试 */";\n'),
    ("texts", "services/chassis/x.h", '#define SIGN "\\"年"\n'),
    ("shell", "scripts/broken", "#!/bin/bash\nif true\n"),
]


@pytest.fixture
def tree(tmp_path):
    """A small checkout with the lints in it and good code."""
    shutil.copytree(CHECKOUT / "tests/lint", tmp_path / "tests/lint")
    for name, text in GOOD.items():
        write(tmp_path, name, text)
    return tmp_path


def write(tree, name, text):
    path = tree / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    if name.startswith("scripts/"):
        path.chmod(0o755)


def lint(tree, name):
    for cmd in (["git", "init", "-q"], ["git", "add", "-A", "-f"]):
        subprocess.run(cmd, cwd=tree, check=True)
    return subprocess.run([tree / f"tests/lint/{name}.sh"], capture_output=True, text=True)


@pytest.mark.parametrize("name", ["one_owner", "banned", "committed", "shell", "texts"])
def test_good_code_passes(tree, name):
    done = lint(tree, name)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name,file,text", BAD)
def test_bad_code_is_stopped_and_named(tree, name, file, text):
    write(tree, file, text)
    done = lint(tree, name)
    assert done.returncode == 1
    assert file in done.stdout
