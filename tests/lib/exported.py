"""Lists of employees as files: asked for, waited for, fetched and read back as a spreadsheet program would."""
import csv
import io

import openpyxl

from renhe import wait_until

PATH = "/api/v1/employee-exports"
ENDED = ("SUCCEEDED", "FAILED")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def end(client, export):
    def look():
        job = client.get(f"{PATH}/{export}").expect(200).json
        return job if job["state"] in ENDED else None
    job = wait_until(look, 60, "the end of the export", every=0.02)
    assert job["state"] == "SUCCEEDED", job
    return job["result"]


def table(file):
    """Header, and rows as title -> text."""
    if file.headers["content-type"] == XLSX:
        sheet = openpyxl.load_workbook(io.BytesIO(file.body)).active
        assert all(c.data_type in "sn" and (c.value is None or isinstance(c.value, str)) for row in sheet.iter_rows() for c in row)
        rows = [[c or "" for c in row] for row in sheet.iter_rows(values_only=True)]
    else:
        assert file.body.startswith(b"\xef\xbb\xbf")
        rows = list(csv.reader(io.StringIO(file.body.decode("utf-8-sig"), newline="")))
    return rows[0], [dict(zip(rows[0], row)) for row in rows[1:]]


def rows(client, format="CSV", **filters):
    export = client.post(PATH, {"format": format, **filters}).expect(202).json["id"]
    end(client, export)
    return table(client.get(f"{PATH}/{export}/file").expect(200))[1]
