"""People who have left, and their erasure as HR does it: asked by one, agreed by another, answered by all."""
import re
import secrets
import subprocess
from pathlib import Path

import staff
from renhe import wait_until

KAFKA_LIBS = "/var/cache/renhe/kafka/libs/*"


def leaver(hr, hired="2020-03-01", ended="2021-06-30", tag=None):
    """Someone with every private field, whose employment is over; (body, employee)."""
    tag = tag or "E" + secrets.token_hex(4)
    row = staff.Staff(tag, tag).one()
    name = "欧阳" + "".join(secrets.choice("澈珩珺翀琰翎骁曦") for _ in range(2)) + secrets.choice("甲乙丙丁戊己庚辛")
    body = {"employee_number": tag, "name": name, "id_type": "RESIDENT_ID", "id_number": row["证件号码"], "mobile": row["手机"],
            "email": f"{tag.lower()}@example.com", "address": f"消失路 {tag} 号", "emergency_contact": f"母亲 {tag} 139",
            "hire_date": hired, "org_unit_id": staff.units(hr)["S001"]["id"], "employment_type": "FULL_TIME"}
    employee = hr.post("/api/v1/employees", body).expect(201).json
    if ended:
        staff.end(hr, employee["id"], ended).expect(200)
    return body, employee


def ask(client, person_id, reason="本人要求删除"):
    return client.post(f"/api/v1/persons/{person_id}:erase", {"reason": reason}, key=secrets.token_hex(8))


def approve(client, request):
    return client.post(f"/api/v1/change-requests/{request['id']}:approve", {})


def erased(suite, hr, other, person_id):
    """Asked by one, agreed by another, answered by all."""
    asked = ask(hr, person_id).expect(202).json
    approve(other, asked).expect(200)
    erasure = suite.psql_all("archive", f"select id from erasure where person_id = '{person_id}'")[0][0]

    def done():
        one = hr.get(f"/api/v1/erasures/{erasure}").expect(200).json
        return one if one["state"] == "DONE" else None
    return wait_until(done, 20, "the answers of all services")


def kafka_config(suite, topic, config):
    """Settings of a topic as the broker's administrator sets them."""
    secret = (suite.run_dir / "kafka" / "secrets" / "admin").read_text().strip()
    client = suite.run_dir / "kafka" / "admin.properties"
    client.touch(mode=0o600)
    client.write_text("security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\nsasl.jaas.config="
                      "org.apache.kafka.common.security.plain.PlainLoginModule required "
                      f'username="admin" password="{secret}";\n')
    broker = re.search(r"(?:bootstrap.servers|metadata.broker.list)=(\S+)", Path(suite.env["RENHE_KCAT_CONFIG"]).read_text())[1]
    done = subprocess.run(["java", "-cp", KAFKA_LIBS, "kafka.admin.ConfigCommand", "--bootstrap-server", broker, "--command-config",
                           str(client), "--alter", "--entity-type", "topics", "--entity-name", topic, "--add-config", config],
                          capture_output=True, text=True, timeout=90)
    client.unlink()
    assert done.returncode == 0, done.stderr


# Days of the contract as seconds; else all is as it is there.
SOON = "segment.ms=1000,max.compaction.lag.ms=1000,min.cleanable.dirty.ratio=0.001,delete.retention.ms=1000"
