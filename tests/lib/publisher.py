"""Publishes events of services that do not stand yet, as they will: headers, key and bytes by the contract. As the broker's
administrator, since principals come with their services."""
import os
import subprocess
import tempfile
import time
import uuid
from pathlib import Path

import events


def headers(kind, source, aggregate, subject, tenant, sequence, event_id=None):
    return {"ce_specversion": "1.0", "ce_id": event_id or str(uuid.uuid4()), "ce_source": f"/renhe/{source}", "ce_type": kind,
            "ce_aggregate": aggregate, "ce_subject": subject, "ce_time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "ce_tenant": tenant, "ce_sequence": str(sequence), "content-type": "application/protobuf"}


def publish(suite, topic, key, head, message, fields):
    """The bytes of message (of the contract, by full name) with these fields."""
    secret = (suite.run_dir / "kafka" / "secrets" / "admin").read_text().strip()
    settings = {"bootstrap.servers": suite.env["RENHE_KAFKA"], "security.protocol": "SASL_PLAINTEXT", "sasl.mechanisms": "PLAIN",
                "sasl.username": "admin", "sasl.password": secret}
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "value")
        Path(file).write_bytes(events.encode(message, fields))
        done = subprocess.run(["kcat", *(a for k, v in settings.items() for a in ("-X", f"{k}={v}")), "-P", "-t", topic, "-k", key,
                               *(a for k, v in head.items() for a in ("-H", f"{k}={v}")), file], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
