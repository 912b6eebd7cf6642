/* Topics and rights, for deploy/kafka. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kafka_conf.h"

/* A broker that starts on a busy machine is some ten seconds without a controller. */
#define ADMIN_MS 60000

struct kafka_admin {
	rd_kafka_t *rk;
	rd_kafka_queue_t *queue;
};

struct kafka_admin *kafka_admin_new(const struct kafka_settings *k, char err[KAFKA_ERROR_MAX])
{
	struct kafka_admin *ad = kafka_must(calloc(1, sizeof(*ad)));
	static const struct kafka_pair PATIENCE[] = {{"socket.timeout.ms", "60000"}, {NULL, NULL}};
	rd_kafka_conf_t *conf = kafka_conf(k, PATIENCE, err);

	ad->rk = conf ? kafka_client(RD_KAFKA_PRODUCER, conf, err) : NULL;
	if (!ad->rk) {
		free(ad);
		return NULL;
	}
	ad->queue = kafka_must(rd_kafka_queue_new(ad->rk));
	return ad;
}

void kafka_admin_free(struct kafka_admin *ad)
{
	if (!ad)
		return;
	rd_kafka_queue_destroy(ad->queue);
	rd_kafka_destroy(ad->rk);
	free(ad);
}

/* The answer of the request that was just sent; NULL and err where there is none. */
static rd_kafka_event_t *answer(struct kafka_admin *ad, const char *what, char err[KAFKA_ERROR_MAX])
{
	rd_kafka_event_t *ev = rd_kafka_queue_poll(ad->queue, ADMIN_MS + 1000);

	if (ev && !rd_kafka_event_error(ev))
		return ev;
	snprintf(err, KAFKA_ERROR_MAX, "%s: %s", what,
		 ev ? rd_kafka_event_error_string(ev) : "no answer");
	if (ev)
		rd_kafka_event_destroy(ev);
	return NULL;
}

static bool topics_fine(const rd_kafka_topic_result_t **r, size_t n, rd_kafka_resp_err_t harmless,
			char err[KAFKA_ERROR_MAX])
{
	for (size_t i = 0; i < n; i++) {
		rd_kafka_resp_err_t e = rd_kafka_topic_result_error(r[i]);
		if (e && e != harmless) {
			snprintf(err, KAFKA_ERROR_MAX, "%s: %s", rd_kafka_topic_result_name(r[i]),
				 rd_kafka_err2str(e));
			return false;
		}
	}
	return true;
}

static rd_kafka_NewTopic_t *new_topic(const struct kafka_topic *t, char err[KAFKA_ERROR_MAX])
{
	rd_kafka_NewTopic_t *nt =
		rd_kafka_NewTopic_new(t->name, t->partitions, t->replication, err, KAFKA_ERROR_MAX);

	for (unsigned i = 0; nt && i < t->n_config; i++)
		rd_kafka_NewTopic_set_config(nt, t->config[i][0], t->config[i][1]);
	return nt;
}

static bool create_topics(struct kafka_admin *ad, const struct kafka_topic *topics, size_t n,
			  char err[KAFKA_ERROR_MAX])
{
	rd_kafka_NewTopic_t **nts = kafka_must(calloc(n + 1, sizeof(rd_kafka_NewTopic_t *)));
	rd_kafka_event_t *ev = NULL;
	size_t made = 0, cnt;
	bool ok = false;

	while (made < n && (nts[made] = new_topic(&topics[made], err)) != NULL)
		made++;
	if (made == n) {
		rd_kafka_CreateTopics(ad->rk, nts, n, NULL, ad->queue);
		ev = answer(ad, "create topics", err);
	}
	if (ev) {
		const rd_kafka_topic_result_t **r = rd_kafka_CreateTopics_result_topics(
			rd_kafka_event_CreateTopics_result(ev), &cnt);
		ok = topics_fine(r, cnt, RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS, err);
		rd_kafka_event_destroy(ev);
	}
	rd_kafka_NewTopic_destroy_array(nts, made);
	free(nts);
	return ok;
}

static int partitions_now(const struct rd_kafka_metadata *md, const char *name)
{
	for (int i = 0; i < md->topic_cnt; i++)
		if (strcmp(md->topics[i].topic, name) == 0)
			return md->topics[i].partition_cnt;
	return 0;
}

static bool grow(struct kafka_admin *ad, const struct kafka_topic *t, char err[KAFKA_ERROR_MAX])
{
	rd_kafka_NewPartitions_t *np =
		rd_kafka_NewPartitions_new(t->name, (size_t)t->partitions, err, KAFKA_ERROR_MAX);
	rd_kafka_event_t *ev;
	size_t cnt;
	bool ok = false;

	if (!np)
		return false;
	rd_kafka_CreatePartitions(ad->rk, &np, 1, NULL, ad->queue);
	ev = answer(ad, "create partitions", err);
	if (ev) {
		const rd_kafka_topic_result_t **r = rd_kafka_CreatePartitions_result_topics(
			rd_kafka_event_CreatePartitions_result(ev), &cnt);
		ok = topics_fine(r, cnt, RD_KAFKA_RESP_ERR_NO_ERROR, err);
		rd_kafka_event_destroy(ev);
	}
	rd_kafka_NewPartitions_destroy(np);
	return ok;
}

static bool grow_topics(struct kafka_admin *ad, const struct kafka_topic *topics, size_t n,
			char err[KAFKA_ERROR_MAX])
{
	const struct rd_kafka_metadata *md = NULL;
	rd_kafka_resp_err_t e = rd_kafka_metadata(ad->rk, 1, NULL, &md, KAFKA_METADATA_MS);
	bool ok = !e;

	if (e)
		snprintf(err, KAFKA_ERROR_MAX, "metadata: %s", rd_kafka_err2str(e));
	for (size_t i = 0; ok && i < n; i++) {
		int now = partitions_now(md, topics[i].name);
		if (now && now < topics[i].partitions)
			ok = grow(ad, &topics[i], err);
	}
	if (md)
		rd_kafka_metadata_destroy(md);
	return ok;
}

static rd_kafka_ConfigResource_t *config_of(const struct kafka_topic *t)
{
	rd_kafka_ConfigResource_t *cr =
		kafka_must(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, t->name));

	for (unsigned i = 0; i < t->n_config; i++)
		rd_kafka_ConfigResource_set_config(cr, t->config[i][0], t->config[i][1]);
	return cr;
}

static bool configs_fine(const rd_kafka_event_t *ev, char err[KAFKA_ERROR_MAX])
{
	size_t cnt;
	const rd_kafka_ConfigResource_t **r = rd_kafka_AlterConfigs_result_resources(
		rd_kafka_event_AlterConfigs_result((rd_kafka_event_t *)(uintptr_t)ev), &cnt);

	for (size_t i = 0; i < cnt; i++)
		if (rd_kafka_ConfigResource_error(r[i])) {
			snprintf(err, KAFKA_ERROR_MAX, "%s: %s", rd_kafka_ConfigResource_name(r[i]),
				 rd_kafka_ConfigResource_error_string(r[i]));
			return false;
		}
	return true;
}

static bool set_configs(struct kafka_admin *ad, const struct kafka_topic *topics, size_t n,
			char err[KAFKA_ERROR_MAX])
{
	rd_kafka_ConfigResource_t **crs = kafka_must(calloc(n + 1, sizeof(rd_kafka_ConfigResource_t *)));
	rd_kafka_event_t *ev;
	bool ok = false;

	for (size_t i = 0; i < n; i++)
		crs[i] = config_of(&topics[i]);
	rd_kafka_AlterConfigs(ad->rk, crs, n, NULL, ad->queue);
	ev = answer(ad, "alter configs", err);
	if (ev) {
		ok = configs_fine(ev, err);
		rd_kafka_event_destroy(ev);
	}
	rd_kafka_ConfigResource_destroy_array(crs, n);
	free(crs);
	return ok;
}

bool kafka_topics_apply(struct kafka_admin *ad, const struct kafka_topic *topics, size_t n,
			char err[KAFKA_ERROR_MAX])
{
	return create_topics(ad, topics, n, err) && grow_topics(ad, topics, n, err) &&
	       set_configs(ad, topics, n, err);
}

/* ---- rights ---- */

struct shape {
	rd_kafka_ResourceType_t type;
	rd_kafka_AclOperation_t operation;
};
/* READ and WRITE imply DESCRIBE with Kafka's authorizer. */
static const struct shape SHAPES[] = {
	[KAFKA_RIGHT_READ] = {RD_KAFKA_RESOURCE_TOPIC, RD_KAFKA_ACL_OPERATION_READ},
	[KAFKA_RIGHT_WRITE] = {RD_KAFKA_RESOURCE_TOPIC, RD_KAFKA_ACL_OPERATION_WRITE},
	[KAFKA_RIGHT_GROUP] = {RD_KAFKA_RESOURCE_GROUP, RD_KAFKA_ACL_OPERATION_READ},
	[KAFKA_RIGHT_IDEMPOTENT] = {RD_KAFKA_RESOURCE_BROKER, RD_KAFKA_ACL_OPERATION_IDEMPOTENT_WRITE},
};

static const char *resource_of(const struct kafka_acl *acl)
{
	return acl->right == KAFKA_RIGHT_IDEMPOTENT ? "kafka-cluster" : acl->name;
}

static rd_kafka_AclBinding_t *binding_of(const struct kafka_acl *acl, char err[KAFKA_ERROR_MAX])
{
	char user[128];

	snprintf(user, sizeof(user), "User:%s", acl->principal);
	return rd_kafka_AclBinding_new(SHAPES[acl->right].type, resource_of(acl),
				       RD_KAFKA_RESOURCE_PATTERN_LITERAL, user, "*",
				       SHAPES[acl->right].operation,
				       RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW, err, KAFKA_ERROR_MAX);
}

static bool is_binding(const rd_kafka_AclBinding_t *b, const struct kafka_acl *acl)
{
	const char *user = rd_kafka_AclBinding_principal(b);

	return strncmp(user, "User:", 5) == 0 && strcmp(user + 5, acl->principal) == 0 &&
	       rd_kafka_AclBinding_restype(b) == SHAPES[acl->right].type &&
	       strcmp(rd_kafka_AclBinding_name(b), resource_of(acl)) == 0 &&
	       rd_kafka_AclBinding_operation(b) == SHAPES[acl->right].operation &&
	       rd_kafka_AclBinding_resource_pattern_type(b) == RD_KAFKA_RESOURCE_PATTERN_LITERAL &&
	       rd_kafka_AclBinding_permission_type(b) == RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW &&
	       strcmp(rd_kafka_AclBinding_host(b), "*") == 0;
}

static bool is_wanted(const rd_kafka_AclBinding_t *b, const struct kafka_acl *acls, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (is_binding(b, &acls[i]))
			return true;
	return false;
}

static bool is_there(const struct kafka_acl *acl, const rd_kafka_AclBinding_t **there, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (is_binding(there[i], acl))
			return true;
	return false;
}

static rd_kafka_event_t *acls_now(struct kafka_admin *ad, char err[KAFKA_ERROR_MAX])
{
	rd_kafka_AclBindingFilter_t *all = rd_kafka_AclBindingFilter_new(
		RD_KAFKA_RESOURCE_ANY, NULL, RD_KAFKA_RESOURCE_PATTERN_ANY, NULL, NULL,
		RD_KAFKA_ACL_OPERATION_ANY, RD_KAFKA_ACL_PERMISSION_TYPE_ANY, err, KAFKA_ERROR_MAX);

	if (!all)
		return NULL;
	rd_kafka_DescribeAcls(ad->rk, all, NULL, ad->queue);
	rd_kafka_AclBinding_destroy(all);
	return answer(ad, "describe rights", err);
}

static bool create_acls(struct kafka_admin *ad, rd_kafka_AclBinding_t **b, size_t n, char err[KAFKA_ERROR_MAX])
{
	rd_kafka_event_t *ev;
	size_t cnt;
	bool ok = true;

	if (n == 0)
		return true;
	rd_kafka_CreateAcls(ad->rk, b, n, NULL, ad->queue);
	ev = answer(ad, "create rights", err);
	if (!ev)
		return false;
	const rd_kafka_acl_result_t **r =
		rd_kafka_CreateAcls_result_acls(rd_kafka_event_CreateAcls_result(ev), &cnt);
	for (size_t i = 0; ok && i < cnt; i++) {
		const rd_kafka_error_t *e = rd_kafka_acl_result_error(r[i]);
		ok = !e;
		if (e)
			snprintf(err, KAFKA_ERROR_MAX, "create rights: %s", rd_kafka_error_string(e));
	}
	rd_kafka_event_destroy(ev);
	return ok;
}

static bool add_missing(struct kafka_admin *ad, const struct kafka_acl *acls, size_t n,
			const rd_kafka_AclBinding_t **there, size_t n_there, unsigned *added,
			char err[KAFKA_ERROR_MAX])
{
	rd_kafka_AclBinding_t **b = kafka_must(calloc(n + 1, sizeof(rd_kafka_AclBinding_t *)));
	size_t made = 0;
	bool ok = true;

	for (size_t i = 0; ok && i < n; i++)
		if (!is_there(&acls[i], there, n_there)) {
			b[made] = binding_of(&acls[i], err);
			ok = b[made] != NULL;
			made += ok;
		}
	ok = ok && create_acls(ad, b, made, err);
	*added = ok ? (unsigned)made : 0;
	rd_kafka_AclBinding_destroy_array(b, made);
	free(b);
	return ok;
}

static rd_kafka_AclBindingFilter_t *filter_of(const rd_kafka_AclBinding_t *b, char err[KAFKA_ERROR_MAX])
{
	return rd_kafka_AclBindingFilter_new(
		rd_kafka_AclBinding_restype(b), rd_kafka_AclBinding_name(b),
		rd_kafka_AclBinding_resource_pattern_type(b), rd_kafka_AclBinding_principal(b),
		rd_kafka_AclBinding_host(b), rd_kafka_AclBinding_operation(b),
		rd_kafka_AclBinding_permission_type(b), err, KAFKA_ERROR_MAX);
}

static bool delete_acls(struct kafka_admin *ad, rd_kafka_AclBindingFilter_t **f, size_t n, char err[KAFKA_ERROR_MAX])
{
	rd_kafka_event_t *ev;

	if (n == 0)
		return true;
	rd_kafka_DeleteAcls(ad->rk, f, n, NULL, ad->queue);
	ev = answer(ad, "delete rights", err);
	if (ev)
		rd_kafka_event_destroy(ev);
	return ev != NULL;
}

static bool drop_extra(struct kafka_admin *ad, const struct kafka_acl *acls, size_t n,
		       const rd_kafka_AclBinding_t **there, size_t n_there, unsigned *removed,
		       char err[KAFKA_ERROR_MAX])
{
	rd_kafka_AclBindingFilter_t **f =
		kafka_must(calloc(n_there + 1, sizeof(rd_kafka_AclBindingFilter_t *)));
	size_t made = 0;
	bool ok = true;

	for (size_t i = 0; ok && i < n_there; i++)
		if (!is_wanted(there[i], acls, n)) {
			f[made] = filter_of(there[i], err);
			ok = f[made] != NULL;
			made += ok;
		}
	ok = ok && delete_acls(ad, f, made, err);
	*removed = ok ? (unsigned)made : 0;
	rd_kafka_AclBinding_destroy_array(f, made);
	free(f);
	return ok;
}

bool kafka_acls_apply(struct kafka_admin *ad, const struct kafka_acl *acls, size_t n,
		      unsigned *added, unsigned *removed, char err[KAFKA_ERROR_MAX])
{
	rd_kafka_event_t *ev = acls_now(ad, err);
	size_t n_there;
	bool ok;

	if (!ev)
		return false;
	const rd_kafka_AclBinding_t **there = rd_kafka_DescribeAcls_result_acls(
		rd_kafka_event_DescribeAcls_result(ev), &n_there);
	ok = add_missing(ad, acls, n, there, n_there, added, err) &&
	     drop_extra(ad, acls, n, there, n_there, removed, err);
	rd_kafka_event_destroy(ev);
	return ok;
}
