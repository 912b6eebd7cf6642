/* Machine clients: what their administration and their tokens share. */
#ifndef RENHE_IDENTITY_CLIENT_H
#define RENHE_IDENTITY_CLIENT_H
#include "identity.h"

Identity__ClientRow *client_row(struct ctx *cx, const char *id);
/* "demo.0190…": the tenant's code and the id, so that the token route knows where to look. */
char *client_name(struct ctx *cx, const char *tenant_code, const char *id);
/* The halves of such a name; false where it is none. */
bool client_name_read(struct ctx *cx, const char *name, char **tenant_code, char **id);
/* A permission that has a cell for machines, or one of its masked classes: "EMPLOYEE_READ:CONTACT".
 */
bool client_scope_known(struct ctx *cx, const char *scope);
#endif
