"""Files of staff with seeded faults, as xlsx and as csv, and what an import must say of them.

    sheet = SpoiledSheet(seed, "D", rows=2000, each=4, kinds=XLSX, taken=rows_that_are_loaded_already)
    sheet.xlsx(), sheet.csv()       # the file
    sheet.expected                  # {(line, column, code)}: one row each
    sheet.good                      # rows that must be loaded
"""
import csv
import io
import random

import openpyxl

import staff

ORIGINALS = 50   # good rows at the top, which later ones repeat
TITLE_LINES = {"xlsx": 2, "csv": 0}
NUMBER, NAME, ID, HIRED, UNIT, TYPE, END = "工号", "姓名", "证件号码", "入职日期", "部门编码", "用工形式", "离职日期"


class SpoiledSheet:
    def __init__(self, seed, prefix, rows, each, kinds, taken, fmt):
        self.random = random.Random(seed)
        self.format, self.taken = fmt, taken
        self.rows = staff.Staff(seed, prefix).some(rows)
        for row in self.rows:
            row[END] = row["离职原因"] = ""
        for row in self.random.sample(self.rows, rows // 10):
            row[END], row["离职原因"] = "2025-09-01", self.random.choice(("辞职", "合同到期"))
        self.headers = list(self.rows[0])
        self.expected, self.merged, self.gbk, self.beyond = set(), [], {}, {}
        spots = self.random.sample(range(ORIGINALS, rows - 1, 3), each * len(kinds))
        for i, kind in zip(sorted(spots), self.random.sample(kinds * each, each * len(kinds))):
            column, code = kind(self, i)
            self.expected.add((self.line(i), column, code))
        bad = {line for line, *_ in self.expected}
        self.good = [row for i, row in enumerate(self.rows) if self.line(i) not in bad]

    def line(self, i):
        """As a person counts: the header is one line, titles stand above it."""
        return TITLE_LINES[self.format] + 2 + i

    # ---- the files ----

    def csv(self):
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(self.headers)
        for i, row in enumerate(self.rows):
            writer.writerow([*row.values(), *self.beyond.get(i, [])])
        data = text.getvalue().encode()
        for token, name in self.gbk.items():
            data = data.replace(token.encode(), name.encode("gbk"))
        return data

    def xlsx(self):
        """A title over all columns, then groups over some of them, then the header."""
        book = openpyxl.Workbook()
        sheet = book.active
        sheet.append(["2026 年度员工花名册"])
        sheet.merge_cells(start_row=1, end_row=1, start_column=1, end_column=len(self.headers))
        sheet.append(["基本信息"])
        sheet.merge_cells(start_row=2, end_row=2, start_column=1, end_column=5)
        sheet.append(self.headers)
        for i, row in enumerate(self.rows):
            sheet.append([v if v != "" else None for v in [*row.values(), *self.beyond.get(i, [])]])
        for i, column in self.merged:
            at = self.headers.index(column) + 1
            sheet.merge_cells(start_row=self.line(i) - 1, end_row=self.line(i), start_column=at, end_column=at)
        data = io.BytesIO()
        book.save(data)
        return data.getvalue()

    def data(self):
        return self.xlsx() if self.format == "xlsx" else self.csv()


# ---- one spoiled cell each: column and code of the fault ----

def scientific(s, i):
    s.rows[i][ID] = "4.40308E+17"
    return ID, "PRECISION_LOST"


def as_number(s, i):
    s.rows[i][ID] = int(s.rows[i][ID][:17] + "0")
    return ID, "PRECISION_LOST"


def document_twice(s, i):
    s.rows[i][ID] = s.rows[s.random.randrange(ORIGINALS)][ID]
    return ID, "DUPLICATE_IN_FILE"


def number_twice(s, i):
    s.rows[i][NUMBER] = s.rows[s.random.randrange(ORIGINALS)][NUMBER]
    return NUMBER, "DUPLICATE_IN_FILE"


def document_taken(s, i):
    s.rows[i][ID] = s.taken.pop()[ID]
    return ID, "ID_NUMBER_TAKEN"


def number_taken(s, i):
    s.rows[i][NUMBER] = s.taken.pop()[NUMBER]
    return NUMBER, "EMPLOYEE_NUMBER_TAKEN"


def full_width(s, i):
    s.rows[i][ID] = "".join(chr(ord(c) + 0xFEE0) for c in s.rows[i][ID])
    return ID, "FULL_WIDTH"


def check_digit(s, i):
    digits = s.rows[i][ID]
    s.rows[i][ID] = digits[:17] + ("1" if digits[17] != "1" else "2")
    return ID, "CHECK"


def end_before_hire(s, i):
    s.rows[i][END], s.rows[i]["离职原因"] = "2025-02-28", "辞职"
    return END, "END_BEFORE_HIRE"


def unknown_store(s, i):
    s.rows[i][UNIT] = s.random.choice(("S999", "火星店"))
    return UNIT, "ORG_UNIT_UNKNOWN"


def bad_date(s, i):
    s.rows[i][HIRED] = s.random.choice(("2025-02-30", "去年三月", "03/01/25"))
    return HIRED, "DATE"


def bad_choice(s, i):
    s.rows[i][TYPE] = "志愿者"
    return TYPE, "VALUE_UNKNOWN"


def missing(s, i):
    s.rows[i][NAME] = ""
    return NAME, "REQUIRED"


def merged(s, i):
    s.rows[i][UNIT] = s.rows[i - 1][UNIT]
    s.merged.append((i, UNIT))
    return UNIT, "MERGED_CELL"


def formula(s, i):
    s.rows[i][NAME] = '=CONCATENATE("王","小明")'
    return NAME, "FORMULA"


def bad_bytes(s, i):
    token = f"GBK{i:05}KBG"
    s.rows[i][NAME], s.gbk[token] = token, "王小明"
    return NAME, "BAD_BYTES"


def beyond(s, i):
    s.beyond[i] = ["多出来的"]
    return "L", "TOO_MANY_CELLS"


BOTH = [scientific, document_twice, number_twice, document_taken, number_taken, full_width, check_digit, end_before_hire,
        unknown_store, bad_date, bad_choice, missing, formula]
XLSX = [*BOTH, merged, as_number]
CSV = [*BOTH, bad_bytes, beyond]
