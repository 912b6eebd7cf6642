/* Which column says what: the titles of the contract, and what else people call them. */
#include "import.h"

/* Spellings besides name and titles; parted by |. */
static const struct {
	const char *field, *spellings;
} SYNONYMS[] = {
	{"employee_number", "员工编号|员工工号|员工号|职工号|职工编号|人员工号|员工代码|staff "
			    "no|staff number|employee no|employee id|emp no"},
	{"name", "名字|员工姓名|职工姓名|人员姓名|full name|employee name"},
	{"sex", "男女|gender"},
	{"birth_date", "出生年月日|生日|出生年月|date of birth|birthday"},
	{"id_type", "证件类别|证照类型|id type"},
	{"id_number", "身份证|身份证号|身份证号码|身份证件号码|证件号|居民身份证号码|公民身份号码|"
		      "id number|id card|id card number|id no"},
	{"mobile",
	 "手机号|手机号码|联系电话|电话|移动电话|联系方式|phone|mobile|mobile number|phone number"},
	{"email", "电子邮箱|电子邮件|邮件|邮箱地址|email|email address"},
	{"nationality", "国籍代码|国家"},
	{"address", "现住址|家庭住址|居住地址|联系地址|通讯地址|home address"},
	{"emergency_contact", "紧急联系|紧急联络人"},
	{"hire_date", "入职时间|入职日|入司日期|入司时间|到岗日期|参加工作日期|hired|hired "
		      "on|start date|join date|date of joining"},
	{"end_date", "离职日期|离职时间|离职日|离司日期|终止日期|leave date|termination date"},
	{"end_reason", "离职类型|离职方式|end reason|reason for leaving"},
	{"employment_type",
	 "用工类型|用工性质|用工方式|员工类型|员工类别|雇佣类型|type of employment|contract type"},
	{"probation_end_date", "试用期结束日期|试用期到期日|试用期截止日期|转正日期|probation end"},
	{"work_place", "工作地|办公地点|工作城市|work location|location"},
	{"job_grade", "职等|级别|岗位级别|job level|level"},
	{"effective_date",
	 "调动日期|调动生效日期|生效日|生效时间|异动日期|transfer date|effective"},
};

/* What a column may say that is no field by itself. */
static const struct {
	enum import_use use;
	const char *name, *sets, *title, *spellings;
} OTHERS[] = {
	{IMPORT_UNIT_CODE, "org_unit_code", "org_unit_id", "部门编码",
	 "门店编码|部门代码|门店代码|部门编号|门店编号|组织编码|机构编码|unit code|department "
	 "code|store code|调入部门编码|调入门店编码"},
	{IMPORT_UNIT_NAME, "org_unit", "org_unit_id", "部门",
	 "门店|部门或门店|部门名称|门店名称|所属部门|所属门店|所在部门|所在门店|组织|店铺|unit|"
	 "unit name|department|store|store name|调入部门|调入门店|调入部门或门店|新部门"},
	{IMPORT_POST_CODE, "post_code", "post_id", "岗位编码",
	 "职位编码|岗位代码|岗位编号|职务编码|position code|调入岗位编码"},
	{IMPORT_POST_NAME, "post", "post_id", "岗位",
	 "职位|岗位名称|职位名称|职务|职务名称|工种|position|job title|调入岗位|新岗位"},
	{IMPORT_LAST_DAY, "last_work_day", "end_date", "最后工作日",
	 "最后工作日期|最后上班日|最后在岗日|last day|last working day"},
};

/* Columns that we write ourselves, and that nobody needs to be told of. */
static const char *const OWN[] = {"错误", "errors", NULL};

static const char *synonyms(const char *field)
{
	for (size_t i = 0; i < sizeof(SYNONYMS) / sizeof(*SYNONYMS); i++)
		if (!strcmp(SYNONYMS[i].field, field))
			return SYNONYMS[i].spellings;
	return "";
}

/* name, title_zh, title_en and the spellings, as keys. */
static const char *const *keys_of(struct arena *a, const char *const own[3], const char *spellings)
{
	size_t n = 0, most = 5;
	const char **keys, *end;

	for (const char *p = spellings; *p; p++)
		most += *p == '|';
	keys = arena_alloc(a, most * sizeof(*keys));
	for (size_t i = 0; i < 3; i++)
		if (own[i])
			keys[n++] = import_header_key(a, own[i]);
	for (; *spellings; spellings = *end ? end + 1 : end) {
		end = strchr(spellings, '|');
		end = end ? end : spellings + strlen(spellings);
		keys[n++] = import_header_key(
			a, arena_strndup(a, spellings, (size_t)(end - spellings)));
	}
	return keys;
}

static bool is_place(const char *name)
{
	return !strcmp(name, "org_unit_id") || !strcmp(name, "post_id");
}

static bool is_loadable(Archive__ImportKind kind, const struct field_rule *f)
{
	if (is_place(f->name))
		return false;
	if (kind == ARCHIVE__IMPORT_KIND__IMPORT_KIND_TRANSFERS)
		return !strcmp(f->name, "employee_number") ||
		       (strcmp(f->name, "id") != 0 &&
			rule_field(&RULE_ARCHIVE_TRANSFER_EMPLOYEE_REQUEST, f->name));
	if (!strcmp(f->name, "end_date") || !strcmp(f->name, "end_reason"))
		return true;
	return !f->output_only && !f->internal && strcmp(f->name, "effective_date") != 0;
}

static struct import_field value_field(struct arena *a, const struct field_rule *f)
{
	const char *const own[3] = {f->name, f->title_zh, f->title_en};

	return (struct import_field){IMPORT_VALUE, f->name, f, keys_of(a, own, synonyms(f->name)),
				     f->title_zh ? f->title_zh : f->name};
}

struct import_fields import_fields(struct arena *a, Archive__ImportKind kind)
{
	const struct message_rule *rule = &RULE_ARCHIVE_EMPLOYEE;
	size_t others = sizeof(OTHERS) / sizeof(*OTHERS);
	struct import_fields out = {
		arena_alloc(a, (rule->pb->n_fields + others) * sizeof(struct import_field)), 0};

	for (unsigned i = 0; i < rule->pb->n_fields; i++)
		if (is_loadable(kind, &rule->fields[i]))
			out.items[out.n++] = value_field(a, &rule->fields[i]);
	for (size_t i = 0; i < others; i++) {
		const char *const own[3] = {OTHERS[i].name, OTHERS[i].title, NULL};

		if (OTHERS[i].use == IMPORT_LAST_DAY &&
		    kind == ARCHIVE__IMPORT_KIND__IMPORT_KIND_TRANSFERS)
			continue;
		out.items[out.n++] = (struct import_field){
			OTHERS[i].use, OTHERS[i].name, rule_field(rule, OTHERS[i].sets),
			keys_of(a, own, OTHERS[i].spellings), OTHERS[i].title};
	}
	return out;
}

static bool among(const char *key, const char *const *list)
{
	for (; *list; list++)
		if (!strcmp(*list, key))
			return true;
	return false;
}

const struct import_field *import_field_by_header(struct arena *a, const struct import_fields *f,
						  const char *header)
{
	const char *key = import_header_key(a, header);

	for (size_t i = 0; *key && i < f->n; i++)
		if (among(key, f->items[i].keys))
			return &f->items[i];
	return NULL;
}

bool import_is_own(struct arena *a, const char *header)
{
	return among(import_header_key(a, header), OWN);
}

const char *import_field_near(struct arena *a, const struct import_fields *f, const char *header)
{
	const char *key = import_header_key(a, header);

	if (import_is_own(a, header))
		return NULL;
	for (size_t i = 0; *key && i < f->n; i++)
		if (str_nearest(key, f->items[i].keys))
			return f->items[i].title;
	return NULL;
}
