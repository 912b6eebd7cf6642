"""A company of a test's own, with its administrator and HR signed in: what is written there is in nobody's way."""
import secrets


class Tenant:
    def __init__(self, suite, name="测试企业"):
        self.suite, self.code, self.password = suite, "t" + secrets.token_hex(4), "Renhe-" + secrets.token_urlsafe(9)
        operator = suite.sign_in_as("PLATFORM_OPERATOR")
        made = operator.post("/api/v1/tenants", {"code": self.code, "name": name, "admin_sign_in_name": "admin",
                                                  "second_factor_required": False}).expect(201).json
        self.id = made["id"]
        self.admin = self.enter("admin", made["admin_activation_code"])
        account = self.admin.post("/api/v1/accounts", {"sign_in_name": "hr", "roles": ["HR"]}).expect(201).json
        self.hr = self.enter("hr", account["activation_code"])

    def enter(self, name, activation):
        client = self.suite.client()
        client.post("/api/v1/accounts:activate", {"tenant": self.code, "sign_in_name": name, "activation_code": activation,
                                                  "password": self.password}).expect(204)
        got = client.post("/api/v1/sessions", {"tenant": self.code, "sign_in_name": name, "password": self.password})
        return self.suite.client(token=got.expect(201).json["access_token"])
