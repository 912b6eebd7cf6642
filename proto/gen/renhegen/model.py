"""The contract as objects: read from a CodeGeneratorRequest, whose own descriptors define the options."""
import re
from google.protobuf import descriptor_pool, message_factory
from google.protobuf.descriptor_pb2 import FieldDescriptorProto as FD

from . import names

ROOT = "renhe"
METHODS = ("get", "post", "patch", "put", "delete")
INTEGERS = {FD.TYPE_INT32, FD.TYPE_INT64, FD.TYPE_UINT32, FD.TYPE_UINT64, FD.TYPE_SINT32,
            FD.TYPE_SINT64, FD.TYPE_FIXED32, FD.TYPE_FIXED64, FD.TYPE_SFIXED32, FD.TYPE_SFIXED64}


class ContractError(Exception):
    """What stops the build; its text is a list of 'file:line: element: what is wrong'."""


class Options:
    """Reads the options of proto/renhe/options.proto, which exist only in the request's descriptors."""

    def __init__(self, pool):
        self.pool = pool

    def get(self, options, name):
        """The option's value; None where it isn't set, a list where it is repeated."""
        ext = self.pool.FindExtensionByName(f"{ROOT}.{name}")
        if ext.label == ext.LABEL_REPEATED:
            return list(options.Extensions[ext])
        return options.Extensions[ext] if options.HasExtension(ext) else None


def enum_name(message, field):
    """Name of the value of an enum field, its default where unset."""
    descriptor = message.DESCRIPTOR.fields_by_name[field]
    return descriptor.enum_type.values_by_number[getattr(message, field)].name


def enum_names(message, field):
    """The same of a repeated field."""
    descriptor = message.DESCRIPTOR.fields_by_name[field]
    return [descriptor.enum_type.values_by_number[n].name for n in getattr(message, field)]


def text_of(message, field):
    return getattr(message, field) if message.HasField(field) else None


class Element:
    """Something that stands in a .proto: knows its file and line."""

    def __init__(self, file, path):
        self.file, self.path = file, tuple(path)

    def location(self):
        for place in self.file.source_code_info.location:
            if tuple(place.path) == self.path:
                return place
        return None

    @property
    def where(self):
        place = self.location()
        return f"{self.file.name}:{place.span[0] + 1}" if place else self.file.name

    @property
    def comment(self):
        """Leading and trailing comment as one line of text; '' where there is none."""
        place = self.location()
        return names.one_line(f"{place.leading_comments} {place.trailing_comments}") if place else ""


class Enum(Element):
    def __init__(self, package, proto, relative, file, path):
        super().__init__(file, path)
        self.package, self.proto, self.name = package, proto, proto.name
        self.c_lower = names.c_lower(package, relative)
        self.values = [Element(file, (*path, 2, i)) for i in range(len(proto.value))]
        for element, value in zip(self.values, proto.value):
            element.proto, element.name, element.number = value, value.name, value.number
            element.json = names.enum_json(proto.name, value.name)


class Field(Element):
    def __init__(self, message, proto, index, options):
        super().__init__(message.file, (*message.path, 2, index))
        self.message, self.proto, self.name, self.number = message, proto, proto.name, proto.number
        self.rule = options.get(proto.options, "rule")
        self.sensitive = options.get(proto.options, "sensitive")
        self.dated = bool(options.get(proto.options, "dated"))
        self.title = options.get(proto.options, "title")
        self.typed_map = bool(options.get(proto.options, "typed_map"))
        self.sub = self.enum = None  # Message or Enum, linked later

    repeated = property(lambda self: self.proto.label == FD.LABEL_REPEATED)
    is_string = property(lambda self: self.proto.type == FD.TYPE_STRING)
    is_integer = property(lambda self: self.proto.type in INTEGERS)
    internal = property(lambda self: bool(self.rule and self.rule.internal))
    output_only = property(lambda self: bool(self.rule and self.rule.output_only))
    required = property(lambda self: bool(self.rule and self.rule.required))
    secret = property(lambda self: bool(self.rule and self.rule.secret))
    format = property(lambda self: enum_name(self.rule, "format") if self.rule else "ANY")

    @property
    def field_class(self):
        return enum_name(self.sensitive, "class") if self.sensitive else "PLAIN"

    @property
    def mask(self):
        return enum_name(self.sensitive, "mask") if self.sensitive else "MASK_NONE"

    @property
    def seal(self):
        return text_of(self.sensitive, "seal") if self.sensitive else None


class Message(Element):
    def __init__(self, package, proto, relative, file, path, options):
        super().__init__(file, path)
        self.package, self.proto, self.name = package, proto, relative
        self.full_name = f"{file.package}.{relative}"
        self.fields = [Field(self, f, i, options) for i, f in enumerate(proto.field)]
        self.fields.sort(key=lambda f: f.number)
        self.by_name = {f.name: f for f in self.fields}
        self.event = options.get(proto.options, "event")
        resource = options.get(proto.options, "resource")
        self.resource = resource.name if resource else None

    symbol = property(lambda self: names.c_symbol(self.package, self.name))
    c_type = property(lambda self: names.c_type(self.package, self.name))
    c_lower = property(lambda self: names.c_lower(self.package, self.name))


class Route(Element):
    def __init__(self, package, service, proto, file, path, options):
        super().__init__(file, path)
        self.package, self.service, self.proto, self.rpc = package, service, proto, proto.name
        self.name = f"{package}.{proto.name}"
        self.http = options.get(proto.options, "http")
        self.permission = options.get(proto.options, "permission")
        self.faults = options.get(proto.options, "fault")
        self.summary = options.get(proto.options, "summary")
        self.example = options.get(proto.options, "example")
        self.input = self.output = None  # Message, linked later
        self.methods = [m for m in METHODS if self.http and self.http.HasField(m)]

    handler = property(lambda self: f"{self.package}_{names.snake(self.rpc)}")
    method = property(lambda self: self.methods[0] if self.methods else None)
    url = property(lambda self: getattr(self.http, self.method))
    params = property(lambda self: re.findall(r"\{([^}]*)\}", self.url))
    auth = property(lambda self: enum_name(self.http, "auth"))
    body = property(lambda self: enum_name(self.http, "body"))
    answer = property(lambda self: enum_name(self.http, "answer"))
    idempotency = property(lambda self: enum_name(self.http, "idempotency"))
    has_body = property(lambda self: self.method in ("post", "patch", "put"))

    @property
    def verb(self):
        found = re.search(r"\}:([a-z][a-z0-9-]*)$", self.url)
        return found.group(1) if found else None

    @property
    def shape(self):
        """Method and path with the names of parameters left out: what two routes may not share."""
        return self.method, re.sub(r"\{[^}]*\}", "{}", self.url)


class Valued(Element):
    """A fault, a permission or a topic: an element with option data of its own."""

    def __init__(self, file, path, package, name, number, data):
        super().__init__(file, path)
        self.package, self.name, self.number, self.data = package, name, number, data


class Package:
    def __init__(self, name):
        self.name = name
        self.files, self.messages, self.enums, self.routes, self.faults = [], [], [], [], []

    events = property(lambda self: [m for m in self.messages if m.event])


class Contract:
    """Everything in proto/renhe. Elements keep the order of files and declarations."""

    def __init__(self, files, pool):
        self.options = Options(pool)
        self.files = files
        self.packages, self.messages, self.enums = {}, {}, {}
        self.permissions, self.topics = [], []
        for file in files:
            self._read_file(file)
        self._link()

    def package_of(self, file):
        parts = file.package.split(".")
        if parts[0] != ROOT or len(parts) > 2:
            raise ContractError(f"{file.name}: package {file.package}: must be {ROOT} or {ROOT}.<service>")
        return self.packages.setdefault(parts[-1], Package(parts[-1]))

    def _read_file(self, file):
        package = self.package_of(file)
        package.files.append(file)
        for i, data in enumerate(self.options.get(file.options, "topic")):
            self.topics.append(Valued(file, (8,), package.name, data.name, i, data))
        if file.name == f"{ROOT}/options.proto":
            return
        for i, proto in enumerate(file.message_type):
            self._read_message(package, proto, proto.name, file, (4, i))
        for i, proto in enumerate(file.enum_type):
            self._read_enum(package, proto, proto.name, file, (5, i))
        for i, service in enumerate(file.service):
            for j, method in enumerate(service.method):
                package.routes.append(Route(package.name, service.name, method, file, (6, i, 2, j), self.options))

    def _read_message(self, package, proto, relative, file, path):
        message = Message(package.name, proto, relative, file, path, self.options)
        package.messages.append(message)
        self.messages["." + message.full_name] = message
        for i, nested in enumerate(proto.nested_type):
            self._read_message(package, nested, f"{relative}.{nested.name}", file, (*path, 3, i))
        for i, nested in enumerate(proto.enum_type):
            self._read_enum(package, nested, f"{relative}.{nested.name}", file, (*path, 4, i))

    def _read_enum(self, package, proto, relative, file, path):
        enum = Enum(package.name, proto, relative, file, path)
        if relative == "Fault":
            self._read_faults(package, enum)
        elif relative == "Permission" and package.name == ROOT:
            self._read_permissions(enum)
        else:
            package.enums.append(enum)
            self.enums[f".{file.package}.{relative}"] = enum

    def _read_faults(self, package, enum):
        for value in enum.values:
            if value.number:
                data = self.options.get(value.proto.options, "fault_def")
                package.faults.append(Valued(value.file, value.path, package.name, value.name, value.number, data))

    def _read_permissions(self, enum):
        for value in enum.values:
            if value.number:
                found = Valued(value.file, value.path, ROOT, value.name, value.number, None)
                found.cells = self.options.get(value.proto.options, "cell")
                found.denials = self.options.get(value.proto.options, "deny")
                self.permissions.append(found)

    def _link(self):
        for message in self.messages.values():
            for field in message.fields:
                field.sub = self.messages.get(field.proto.type_name)
                field.enum = self.enums.get(field.proto.type_name)
        for route in self.routes:
            route.input = self.messages[route.proto.input_type]
            route.output = self.messages[route.proto.output_type]

    routes = property(lambda self: [r for p in self.packages.values() for r in p.routes])
    faults = property(lambda self: [f for p in self.packages.values() for f in p.faults])
    events = property(lambda self: [m for p in self.packages.values() for m in p.events])
    services = property(lambda self: [p for n, p in sorted(self.packages.items()) if n != ROOT])

    def vocabulary(self, name):
        """Values of an enum of package renhe, such as Role, by number."""
        return {v.number: v for v in self.enums[f".{ROOT}.{name}"].values}


def read(request):
    """Contract of a CodeGeneratorRequest. Its bytes are read a second time with its own descriptors,
    so that the options are fields and not unknown bytes."""
    pool = descriptor_pool.DescriptorPool()
    for file in request.proto_file:
        pool.Add(file)
    factory = message_factory.MessageFactory(pool)
    factory.GetMessages([f.name for f in request.proto_file])
    file_class = factory.GetPrototype(pool.FindMessageTypeByName("google.protobuf.FileDescriptorProto"))
    wanted = sorted(f.name for f in request.proto_file if f.package.split(".")[0] == ROOT)
    by_name = {f.name: f for f in request.proto_file}
    missing = [n for n in (f"{ROOT}/{v}.proto" for v in ("options", "access", "policy", "faults")) if n not in by_name]
    if missing:
        raise ContractError(f"{', '.join(missing)}: must be among the files given to protoc")
    return Contract([file_class.FromString(by_name[n].SerializeToString()) for n in wanted], pool)
