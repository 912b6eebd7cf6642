"""What people are told, word by word, in both languages: these are answers of before the texts moved out of C, so
that a change of words is one that somebody made."""
import json

import pytest

from tenants import Tenant

HR = "/api/v1/employees"
SAID = [  # (body of a hire or a member of it, pointer, code, zh-CN, en)
    ({"sex": "MAN"}, "/sex", "FORMAT", "应为以下之一：MALE, FEMALE", "must be one of MALE, FEMALE"),
    ({"hire_dat": "x"}, "/hire_dat", "UNKNOWN_FIELD", "没有此项，是否为 hire_date？", "is not known; did you mean hire_date?"),
    ({"zzzzzzzzzz": "x"}, "/zzzzzzzzzz", "UNKNOWN_FIELD", "没有此项", "is not known"),
    ({"name": 5}, "/name", "TYPE", "应为字符串", "must be a string"),
    ({"name": ""}, "/name", "REQUIRED", "必填", "is required"),
    ({"name": None}, "/name", "NULL_NOT_ALLOWED", "不能为 null", "must not be null"),
    ({"name": "a\u0001"}, "/name", "CONTROL_CHARACTER", "含有控制字符", "holds a control character"),
    ({"hire_date": "2026-2-3"}, "/hire_date", "FORMAT", "应为日期 YYYY-MM-DD", "must be a date YYYY-MM-DD"),
    ({"hire_date": "2026-02-30"}, "/hire_date", "DATE", "日期不存在或不合理", "holds a day that does not exist or cannot be"),
    ({"mobile": "1"}, "/mobile", "FORMAT", "应为 11 位大陆手机号", "must be a mainland mobile number of 11 digits"),
    ({"email": "a"}, "/email", "FORMAT", "不是有效的邮箱地址", "is not a valid e-mail address"),
    ({"state": "ACTIVE"}, "/state", "READ_ONLY", "只读，不能提交", "can't be set here"),
    ("[]", "", "TYPE", "应为对象", "must be an object"),
    ('{"name": }', "", "JSON_SYNTAX", "第 9 字节处语法错误", "syntax error at byte 9"),
    ('{"name":"a","name":"b"}', "/name", "JSON_DUPLICATE_MEMBER", "成员重复", "stands twice"),
]


@pytest.fixture(scope="module")
def hr(suite):
    return Tenant(suite).hr


@pytest.mark.parametrize("lang,column", [("zh-CN", 3), ("en", 4)])
@pytest.mark.parametrize("row", SAID, ids=[f"{r[2]} {i}" for i, r in enumerate(SAID)])
def test_words_of_faults(row, lang, column, hr):
    body = row[0] if isinstance(row[0], str) else json.dumps(row[0])
    answer = hr.request("POST", HR, body.encode(), headers={"Accept-Language": lang, "Content-Type": "application/json"})
    told = [(e["pointer"], e["code"], e["detail"]) for e in answer.json["errors"]]
    assert (row[1], row[2], row[column]) in told, told


@pytest.mark.parametrize("lang,words", [("zh-CN", "只能是 true 或 false"), ("en", "must be true or false")])
def test_words_of_a_parameter(lang, words, hr):
    answer = hr.post(HR + "?validate_only=maybe", {"name": "x"}, headers={"Accept-Language": lang}).expect(400)
    assert {"pointer": "?validate_only", "code": "FORMAT", "detail": words} in answer.json["errors"]


@pytest.mark.parametrize("lang,words", [("zh-CN", "搜索词过多，最多 8 个"), ("en", "too many words; 8 at most")])
def test_words_of_the_archive(lang, words, hr):
    answer = hr.get(HR, query={"q": "a b c d e f g h i"}, headers={"Accept-Language": lang}).expect(422)
    assert [e["detail"] for e in answer.json["errors"]] == [words]
