"""C tables by the shapes of services/chassis/schema.h."""
from . import names
from .model import ROOT, enum_name, enum_names, text_of
from .names import c_string, upper

NOTE = "/* Generated from proto/ by proto/gen. */\n"
TOPIC_POLICY_COMPACT = "COMPACT"
# Files of package renhe that only the generator reads; protoc-c never sees them.
GENERATOR_ONLY = {f"{ROOT}/{n}.proto" for n in ("options", "policy", "topics", "faults")}


def header(name, body):
    guard = f"RENHE_{upper(name)}_GEN_H"
    return f"{NOTE}#ifndef {guard}\n#define {guard}\n{body}#endif\n"


def pb_stem(file):
    """renhe/archive/employee.proto -> archive/employee; renhe/common.proto -> renhe/common."""
    stem = file.name[:-len(".proto")]
    return stem if stem.count("/") == 1 else stem.split("/", 1)[1]


def pb_files(package):
    return [f for f in package.files if f.name not in GENERATOR_ONLY]


def struct(members, indent="\t"):
    """Designated members; those that are None, False or 0 keep C's zero."""
    told = [f".{k} = {v}" for k, v in members if v not in (None, False, 0, "NULL")]
    return "{" + ", ".join(told) + "}"


def boolean(value):
    return "true" if value else None


def string(value):
    return c_string(value) if value else None


def null_ended(name, items, kind="const char *const"):
    rows = "".join(f"\t{i},\n" for i in items)
    return f"static {kind} {name}[] = {{\n{rows}\tNULL,\n}};\n"


# ---- messages ----
def field_rule(contract, field, index):
    rule, data, message = field.rule, field.sensitive, field.message
    classes = {v.name: v.number for v in contract.vocabulary("FieldClass").values()}
    has_min = rule is not None and rule.HasField("min")
    has_max = rule is not None and rule.HasField("max")
    return struct([
        ("name", c_string(field.name)),
        ("pb", f"&{message.c_lower}__field_descriptors[{index}]"),
        ("sub", f"&RULE_{field.sub.symbol}" if field.sub else None),
        ("required", boolean(field.required)),
        ("output_only", boolean(field.output_only)),
        ("internal", boolean(field.internal)),
        ("multiline", boolean(rule and rule.multiline)),
        ("secret", boolean(field.secret)),
        ("dated", boolean(field.dated)),
        ("typed_map", boolean(field.typed_map)),
        ("format", f"FORMAT_{field.format}" if field.format != "ANY" else None),
        ("min_len", rule.min_len if rule else None),
        ("max_len", rule.max_len if rule else None),
        ("has_min", boolean(has_min)),
        ("has_max", boolean(has_max)),
        ("min", f"INT64_C({rule.min})" if has_min and rule.min else None),
        ("max", f"INT64_C({rule.max})" if has_max and rule.max else None),
        ("max_items", rule.max_items if rule else None),
        ("field_class", classes[field.field_class]),
        ("mask", field.mask if field.mask != "MASK_NONE" else None),
        ("seal", string(field.seal)),
        ("seal_subject", string(data.subject if data and field.seal else None)),
        ("blind_index", boolean(data and data.index)),
        ("title_zh", string(field.title and field.title.zh)),
        ("title_en", string(field.title and field.title.en)),
    ])


def message_table(contract, message):
    rows = "".join(f"\t{field_rule(contract, f, i)},\n" for i, f in enumerate(message.fields))
    fields = f"FIELDS_{message.symbol}" if message.fields else "NULL"
    out = ""
    if message.fields:
        # The index above is right only while protoc-c sorts by tag and knows the same fields.
        out += (f"_Static_assert(sizeof({message.c_lower}__field_descriptors) == {len(message.fields)} * "
                f"sizeof(ProtobufCFieldDescriptor), \"{message.full_name}\");\n"
                f"static const struct field_rule {fields}[] = {{\n{rows}}};\n")
    members = [("pb", f"&{message.c_lower}__descriptor"), ("full_name", c_string(message.full_name)),
               ("resource", string(message.resource)), ("fields", fields)]
    return out + f"const struct message_rule RULE_{message.symbol} = {struct(members)};\n\n"


# ---- faults, policy, topics, events ----
def fault_table(fault):
    return (f"const struct fault_def FAULT_{fault.name} = {{{c_string(fault.name)}, {fault.data.status}, "
            f"{c_string(fault.data.zh)}, {c_string(fault.data.en)}}};\n")


def mask_of(contract, message, field):
    numbers = {v.name: v.number for v in contract.vocabulary("FieldClass").values()}
    return " | ".join(f"1u << {numbers[n]}" for n in enum_names(message, field)) or None


def where_of(cell):
    """The condition of a cell as its two texts."""
    field, _, value = cell.where.partition("=")
    return [("where_field", string(field)), ("where_value", string(value))]


def permission_table(contract, permission):
    cells = []
    for cell in permission.cells:
        for role in cell.role:
            cells.append(struct([
                ("role", role), ("scope", 1 << (cell.scope - 1)),
                ("clear", mask_of(contract, cell, "clear")), ("masked", mask_of(contract, cell, "masked")),
                ("change", mask_of(contract, cell, "change")), *where_of(cell),
                ("step_up", boolean(cell.step_up)), ("pending", boolean(cell.pending)),
                ("decides", boolean(cell.decides))]))
    rows = "".join(f"\t{c},\n" for c in cells)
    hidden = sorted({r for d in permission.denials if enum_name(d, "denial") == "DENY_NOT_FOUND" for r in d.role})
    denial = "{" + ", ".join(f"[{r}] = 1" for r in hidden) + "}" if hidden else "{0}"
    return (f"static const struct policy_cell CELLS_{permission.name}[] = {{\n{rows}}};\n"
            f"const struct permission PERMISSION_{permission.name} = {{{c_string(permission.name)}, "
            f"CELLS_{permission.name}, {len(cells)}, {denial}}};\n\n")


def topic_tables(contract):
    readers, rows = "", ""
    for i, topic in enumerate(contract.topics):
        data = topic.data
        readers += null_ended(f"READERS_{i}", [c_string(r) for r in data.reader])
        if data.sealed_to:
            readers += null_ended(f"SEALED_TO_{i}", [c_string(r) for r in data.sealed_to])
        rows += "\t" + struct([
            ("name", c_string(data.name)), ("writer", c_string(data.writer)), ("readers", f"READERS_{i}"),
            ("compact", boolean(enum_name(data, "policy") == TOPIC_POLICY_COMPACT)),
            ("retention_hours", data.retention_hours), ("partitions", data.partitions),
            ("small_partitions", data.small_partitions),
            ("lane", f"LANE_{enum_name(data, 'lane')}"),
            ("sealed_to", f"SEALED_TO_{i}" if data.sealed_to else None),
            ("daily_record", boolean(data.daily_record or data.sealed_to))]) + ",\n"
    return f"{readers}const struct topic_def TOPICS[] = {{\n{rows}\t{{0}},\n}};\n\n"


def event_table(contract, message):
    event = message.event
    index = [t.data.name for t in contract.topics].index(event.topic)
    members = [("type", c_string(event.type)), ("topic", f"&TOPICS[{index}]"),
               ("aggregate", c_string(event.aggregate)), ("subject_field", c_string(event.subject)),
               ("key_field", c_string(event.key)), ("unsequenced", boolean(event.unsequenced)),
               ("value", f"&RULE_{message.symbol}")]
    return f"const struct event_def EVENT_{message.symbol} = {struct(members)};\n"


def emit_functions(contract, message):
    name = f"{message.package}_" + "_".join(names.snake(p) for p in message.name.split("."))
    out = (f"static inline bool emit_{name}(struct ctx *cx, const {message.c_type} *m)\n"
           f"{{\n\treturn outbox_put(cx, &EVENT_{message.symbol}, &m->base);\n}}\n")
    topic = next(t for t in contract.topics if t.data.name == message.event.topic)
    if enum_name(topic.data, "policy") == TOPIC_POLICY_COMPACT:
        out += (f"static inline bool tombstone_{name}(struct ctx *cx, const char *key_value)\n"
                f"{{\n\treturn outbox_tombstone(cx, &EVENT_{message.symbol}, key_value);\n}}\n")
    return out


# ---- routes ----
def route_row(route, handler, states, indent="\t"):
    http = route.http
    return indent + struct([
        ("name", c_string(route.name)), ("method", f"METHOD_{route.method.upper()}"), ("path", c_string(route.url)),
        ("in", f"&RULE_{route.input.symbol}"), ("out", f"&RULE_{route.output.symbol}"), ("handler", handler),
        ("permission", f"&PERMISSION_{route.permission}" if route.permission else None),
        ("auth", f"AUTH_{route.auth}"), ("body", f"BODY_{route.body}"), ("answer", route.answer),
        ("idempotency", f"IDEMPOTENCY_{route.idempotency}"),
        ("status", http.status), ("location", string(http.location)),
        ("if_match", boolean(http.if_match)), ("internal", boolean(http.internal)), ("step_up", boolean(http.step_up)),
        ("body_limit", f"{http.body_limit_kib} * 1024u"), ("verb", string(route.verb)),
        ("resource", string(route.output.resource)), ("states", states),
        ("title_zh", string(route.summary and route.summary.zh)),
        ("title_en", string(route.summary and route.summary.en))]) + ",\n"


def states_table(route):
    """Text of the states array of one route and its name; both empty where every state is legal."""
    if not route.http.states:
        return "", None
    name = f"STATES_{names.c_symbol(route.package, route.rpc)}"
    return null_ended(name, [c_string(s) for s in route.http.states]), name


def wrapper(route):
    return (f"static bool wrap_{route.handler}(struct ctx *cx, const ProtobufCMessage *in, ProtobufCMessage *out)\n"
            f"{{\n\treturn {route.handler}(cx, (const {route.input.c_type} *)in, ({route.output.c_type} *)out);\n}}\n")


def service_source(contract, package):
    """Routes and schema of one service; refers to its handlers and to its queries."""
    up = package.name.upper()
    wrappers, states, rows = "", "", ""
    for route in package.routes:
        wrappers += wrapper(route)
        text, name = states_table(route)
        states += text
        rows += route_row(route, f"wrap_{route.handler}", name)
    faults = [f for p in contract.packages.values() if p.name in (ROOT, "people", package.name) for f in p.faults]
    refs = "".join(f"\t&FAULT_{f.name},\n" for f in faults)
    schema = [("service", c_string(package.name)), ("routes", f"ROUTES_{up}"), ("n_routes", len(package.routes)),
              ("events", "CONTRACT_EVENTS"), ("n_events", "CONTRACT_EVENTS_COUNT"),
              ("topics", "TOPICS"), ("n_topics", "TOPICS_COUNT"),
              ("messages", "CONTRACT_MESSAGES"), ("n_messages", "CONTRACT_MESSAGES_COUNT"),
              ("faults", f"FAULTS_{up}"), ("n_faults", len(faults)),
              ("queries", f"QUERIES_{up}"), ("n_queries", f"N_QUERIES_{up}"),
              ("role_names", "ROLE_NAMES"), ("n_roles", "ROLES_COUNT"), ("class_names", "CLASS_NAMES")]
    members = ",\n\t".join(f".{k} = {v}" for k, v in schema)
    return (f"{NOTE}#include \"{package.name}.gen.h\"\n#include \"contract.gen.h\"\n#include \"{package.name}_sql.h\"\n\n"
            f"{wrappers}\n{states}static const struct route ROUTES_{up}[] = {{\n{rows}\t{{0}},\n}};\n"
            f"static const struct fault_def *const FAULTS_{up}[] = {{\n{refs}\tNULL,\n}};\n\n"
            f"const struct schema SCHEMA_{up} = {{\n\t{members},\n}};\n")


def gateway_files(contract, openapi):
    routes = [r for r in contract.routes if not r.http.internal]
    states, rows, services = "", "", ""
    for route in routes:
        text, name = states_table(route)
        states += text
        rows += route_row(route, None, name)
        services += f"\t{c_string(route.package)},\n"
    openapi = "\n".join("\t" + c_string(openapi[i:i + 96]) for i in range(0, len(openapi), 96))
    head = ("#include <stddef.h>\n#include \"schema.h\"\n\n"
            "/* Routes of every service that are not internal; no handlers. */\n"
            "extern const struct route GATEWAY_ROUTES[];\n"
            f"#define GATEWAY_ROUTES_COUNT {len(routes)}u\n"
            "/* Service that answers GATEWAY_ROUTES[i]; NULL-ended. */\n"
            "extern const char *const GATEWAY_SERVICES[];\n"
            "/* OpenAPI 3.1 of these routes, compact; NUL-terminated, the size counts no NUL. */\n"
            "extern const char OPENAPI_JSON[];\nextern const size_t OPENAPI_JSON_SIZE;\n")
    body = (f"{NOTE}#include \"gateway.gen.h\"\n#include \"contract.gen.h\"\n\n{states}"
            f"const struct route GATEWAY_ROUTES[] = {{\n{rows}\t{{0}},\n}};\n"
            f"const char *const GATEWAY_SERVICES[] = {{\n{services}\tNULL,\n}};\n"
            f"const char OPENAPI_JSON[] =\n{openapi};\n"
            "const size_t OPENAPI_JSON_SIZE = sizeof(OPENAPI_JSON) - 1;\n")
    return {"gateway.gen.h": header("gateway", head), "gateway.gen.c": body}


# ---- packages ----
def package_header(contract, package):
    root = package.name == ROOT
    out = '#include "schema.h"\n' if root else '#include "events.h"\n#include "renhe.gen.h"\n'
    uses = {m.package for r in package.routes for m in (r.input, r.output)} - {package.name, ROOT}
    out += "".join(f'#include "{name}.gen.h"\n' for name in sorted(uses))
    out += "".join(f'#include "{pb_stem(f)}.pb-c.h"\n' for f in pb_files(package))
    out += "\n" + "".join(f"extern const struct message_rule RULE_{m.symbol};\n" for m in package.messages)
    out += "\n" + "".join(f"extern const struct fault_def FAULT_{f.name};\n" for f in package.faults)
    if root:
        return header(package.name, out + root_header(contract))
    out += "\n" + "".join(f"extern const struct event_def EVENT_{m.symbol};\n" for m in package.events)
    out += "".join(emit_functions(contract, m) for m in package.events)
    if package.routes:
        out += "\n/* Handlers: one per rpc. */\n"
        out += "".join(f"bool {r.handler}(struct ctx *cx, const {r.input.c_type} *in, {r.output.c_type} *out);\n"
                       for r in package.routes)
        out += f"\nextern const struct schema SCHEMA_{package.name.upper()};\n"
    return header(package.name, out)


def root_header(contract):
    return ("\n" + "".join(f"extern const struct permission PERMISSION_{p.name};\n" for p in contract.permissions) +
            "/* All of them, NULL-ended. */\nextern const struct permission *const PERMISSIONS[];\n"
            f"\nextern const struct topic_def TOPICS[];\n#define TOPICS_COUNT {len(contract.topics)}u\n"
            "/* Names by number, NULL-ended: renhe.Role, renhe.FieldClass. */\n"
            f"extern const char *const ROLE_NAMES[];\n#define ROLES_COUNT {len(contract.vocabulary('Role'))}u\n"
            "extern const char *const CLASS_NAMES[];\n\n"
            "/* What people call a value of a business enum. */\n"
            "struct enum_label {\n\tconst ProtobufCEnumDescriptor *of;\n\tint value;\n\tconst char *zh, *en;\n};\n"
            "/* NULL where the value has no label. */\n"
            "const struct enum_label *enum_label(const ProtobufCEnumDescriptor *of, int value);\n")


def package_source(contract, package):
    """Messages, faults and events. It takes protoc-c's sources in, because a pointer to a field's
    descriptor is a constant only where the array of descriptors is seen."""
    out = NOTE + '#include "contract.gen.h"\n'
    out += "".join(f'#include "{pb_stem(f)}.pb-c.c"\n' for f in pb_files(package)) + "\n"
    out += "".join(message_table(contract, m) for m in package.messages)
    out += "".join(fault_table(f) for f in package.faults) + "\n"
    if package.name == ROOT:
        out += "".join(permission_table(contract, p) for p in contract.permissions) + topic_tables(contract)
        listed = "".join(f"\t&PERMISSION_{p.name},\n" for p in contract.permissions)
        out += f"const struct permission *const PERMISSIONS[] = {{\n{listed}\tNULL,\n}};\n"
        for table, enum in (("ROLE_NAMES", "Role"), ("CLASS_NAMES", "FieldClass")):
            values = [c_string(v.name) for _, v in sorted(contract.vocabulary(enum).items())]
            out += "const char *const %s[] = {\n%s\tNULL,\n};\n" % (table, "".join(f"\t{v},\n" for v in values))
    return out + "".join(event_table(contract, m) for m in package.events)


def label_table(contract):
    rows = ""
    for enum in contract.enums.values():
        for value in enum.values:
            label = contract.options.get(value.proto.options, "label")
            if label:
                rows += f"\t{{&{enum.c_lower}__descriptor, {value.number}, {c_string(label.zh)}, {c_string(label.en)}}},\n"
    return (f"static const struct enum_label LABELS[] = {{\n{rows}\t{{0}},\n}};\n"
            "const struct enum_label *enum_label(const ProtobufCEnumDescriptor *of, int value)\n{\n"
            "\tfor (const struct enum_label *l = LABELS; l->of; l++)\n"
            "\t\tif (l->of == of && l->value == value)\n\t\t\treturn l;\n"
            "\treturn NULL;\n}\n")


def contract_files(contract):
    messages = [m for p in contract.packages.values() for m in p.messages]
    includes = "".join(f'#include "{n}.gen.h"\n' for n in sorted(contract.packages))
    head = (f"{includes}\nextern const struct message_rule *const CONTRACT_MESSAGES[];\n"
            f"#define CONTRACT_MESSAGES_COUNT {len(messages)}u\n"
            "extern const struct event_def *const CONTRACT_EVENTS[];\n"
            f"#define CONTRACT_EVENTS_COUNT {len(contract.events)}u\n")
    rows = "".join(f"\t&RULE_{m.symbol},\n" for m in messages)
    events = "".join(f"\t&EVENT_{m.symbol},\n" for m in contract.events)
    body = (f"{NOTE}#include \"contract.gen.h\"\n\n"
            f"const struct message_rule *const CONTRACT_MESSAGES[] = {{\n{rows}\tNULL,\n}};\n"
            f"const struct event_def *const CONTRACT_EVENTS[] = {{\n{events}\tNULL,\n}};\n\n" + label_table(contract))
    return {"contract.gen.h": header("contract", head), "contract.gen.c": body}


def all_files(contract, openapi):
    """Path -> text of every C file of build/gen that comes from the contract."""
    files = {**contract_files(contract), **gateway_files(contract, openapi)}
    for package in contract.packages.values():
        files[f"{package.name}.gen.h"] = package_header(contract, package)
        files[f"{package.name}_contract.gen.c"] = package_source(contract, package)
        if package.routes:
            files[f"{package.name}.gen.c"] = service_source(contract, package)
    return files
