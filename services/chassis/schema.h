/* Shapes of the tables that the generator writes from proto/ (build/gen). Data only.
 * Knows nothing of HR: roles, scopes and field classes are numbers and names from access.proto.
 */
#ifndef RENHE_SCHEMA_H
#define RENHE_SCHEMA_H
#include <stdbool.h>
#include <stdint.h>
#include <protobuf-c/protobuf-c.h>

struct ctx;

enum value_format { /* = renhe.Format */
	FORMAT_ANY, FORMAT_UUID, FORMAT_DATE, FORMAT_TIME, FORMAT_ZONE, FORMAT_ID_DOCUMENT,
	FORMAT_MOBILE, FORMAT_EMAIL, FORMAT_SIGN_IN_NAME, FORMAT_CODE, FORMAT_CREDIT_CODE,
};
enum value_mask { /* = renhe.Mask */
	MASK_NONE, MASK_ID_NUMBER, MASK_MOBILE, MASK_NAME, MASK_TAIL4, MASK_EMAIL, MASK_ALL, MASK_DATE,
};

/* One field of a message; same order as ProtobufCMessageDescriptor.fields. */
struct field_rule {
	const char *name;             /* = JSON name = SQL name */
	const ProtobufCFieldDescriptor *pb;
	const struct message_rule *sub; /* of a message field */
	bool required, output_only, internal, multiline, secret, dated;
	bool typed_map;               /* repeated renhe.TypedValue; one object in JSON */
	enum value_format format;
	uint32_t min_len, max_len;    /* code points; max_len 0 = 1000 */
	bool has_min, has_max;
	int64_t min, max;
	uint32_t max_items;           /* repeated; 0 = 500 */
	uint8_t field_class;          /* renhe.FieldClass, 0 = PLAIN */
	enum value_mask mask;
	const char *seal;             /* "table.column" or NULL */
	const char *seal_subject;     /* field name, NULL where seal is NULL */
	bool blind_index;
	const char *title_zh, *title_en; /* for people; falls back to name */
};

struct message_rule {
	const ProtobufCMessageDescriptor *pb;
	const char *full_name;        /* "renhe.archive.Employee" */
	const char *resource;         /* "employee" or NULL */
	const struct field_rule *fields; /* n = pb->n_fields */
};

struct fault_def {
	const char *code;             /* "EMPLOYEE_NOT_ACTIVE" */
	int status;
	const char *zh, *en;          /* titles */
};

/* ---- policy ---- */
struct policy_cell {              /* one role's right under one permission */
	uint8_t role;                 /* renhe.Role */
	uint8_t scope;                /* bit: 1 << (renhe.Scope - 1) */
	uint32_t clear, masked;       /* bits: 1 << FieldClass */
	uint32_t change;              /* bits: classes that may be changed; 0 = all */
	const char *where_field, *where_value; /* only rows that say so; NULL = all */
	bool step_up, pending;
	bool decides;                 /* of a pending one: its holders decide for each other */
};
struct permission {
	const char *name;             /* "EMPLOYEE_READ" */
	const struct policy_cell *cells;
	unsigned n_cells;
	uint8_t denial[16];           /* by role: 0 = 403, 1 = 404 */
};

/* ---- routes ---- */
enum route_method { METHOD_GET, METHOD_POST, METHOD_PATCH, METHOD_PUT, METHOD_DELETE };
enum route_auth { AUTH_JWT, AUTH_PUBLIC, AUTH_SIGNATURE, AUTH_DEVICE, AUTH_LINK_TOKEN, AUTH_INTERNAL_TOKEN, AUTH_CLIENT };
enum route_body { BODY_JSON, BODY_RAW, BODY_XML, BODY_MULTIPART, BODY_FORM };
enum route_answer { ANSWER_JSON, ANSWER_FILE, ANSWER_STREAM };
enum route_idempotency { IDEMPOTENCY_BY_KEY, IDEMPOTENCY_KEY_REQUIRED, IDEMPOTENCY_NONE };

typedef bool handler_fn(struct ctx *cx, const ProtobufCMessage *in, ProtobufCMessage *out);

struct route {
	const char *name;             /* "archive.TransferEmployee" */
	enum route_method method;
	const char *path;             /* "/api/v1/employees/{id}:transfer" */
	const struct message_rule *in, *out;
	handler_fn *handler;
	const struct permission *permission; /* NULL only where auth is not JWT */
	enum route_auth auth;
	enum route_body body;
	enum route_answer answer;
	enum route_idempotency idempotency;
	int status;                   /* of the success */
	const char *location;         /* NULL or template over the answer */
	bool if_match, internal, step_up;
	uint32_t body_limit;          /* bytes */
	const char *verb;             /* "transfer" of "{id}:transfer", NULL otherwise */
	const char *resource;         /* resource name of the answer, NULL if none */
	const char *const *states;    /* NULL-ended, or NULL: legal in every state */
	const char *title_zh, *title_en; /* what people call it */
};

/* ---- events ---- */
enum event_lane { LANE_NORMAL, LANE_URGENT };
struct topic_def {
	const char *name, *writer;
	const char *const *readers;   /* NULL-ended */
	bool compact;
	uint32_t retention_hours, partitions, small_partitions;
	enum event_lane lane;
	const char *const *sealed_to; /* consumers, NULL-ended; NULL = the value is in clear */
	bool daily_record;            /* a record per partition and day, for compaction's sake */
};
struct event_def {
	const char *type;             /* "renhe.archive.employee.hired.v1" */
	const struct topic_def *topic;
	const char *aggregate;        /* "person" */
	const char *subject_field, *key_field;
	bool unsequenced;
	const struct message_rule *value;
};

/* ---- queries: written by proto/gen/sqlgen from services/x/sql/x.sql ---- */
enum query_kind { QUERY_ONE, QUERY_OPT, QUERY_MANY, QUERY_EXEC };
struct query {
	const char *name;             /* "employee_lock", also the prepared statement's name */
	const char *file;
	int line;
	enum query_kind kind;
	const char *text;             /* with $1.. */
	const char *const *params;    /* names in order; "@today" style names come from the ctx */
	unsigned n_params;
	const struct message_rule *in, *out; /* NULL = takes or gives nothing */
	const struct fault_def *none; /* :one with no row; NULL = a defect, 500 */
	const char *keys;             /* column of the subject; its keys come in one more column behind the others */
	const char *const *violations; /* NULL-ended pairs: constraint name, fault code */
};

/* ---- a whole service: generated as SCHEMA_ARCHIVE etc. ---- */
struct schema {
	const char *service;          /* "archive" */
	const struct route *routes;
	unsigned n_routes;
	const struct event_def *const *events; /* emitted and consumed ones: all of proto/ */
	unsigned n_events;
	const struct topic_def *topics;        /* all of proto/ */
	unsigned n_topics;
	const struct message_rule *const *messages; /* all of proto/, sorted by pb pointer at start */
	unsigned n_messages;
	const struct fault_def *const *faults; /* chassis and own */
	unsigned n_faults;
	const struct query *const *queries;
	unsigned n_queries;
	const char *const *role_names; /* by number; NULL-ended */
	unsigned n_roles;
	const char *const *class_names;
};
#endif
