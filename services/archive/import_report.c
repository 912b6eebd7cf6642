#include "import.h"

bool import_told(const struct import_report *r, int line, int column)
{
	for (size_t i = 0; column >= 0 && i < r->n; i++)
		if (r->items[i].line == line && r->items[i].column == column)
			return true;
	return false;
}

bool import_is_bad(const struct import_report *r, int line)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->items[i].line == line)
			return true;
	return false;
}

static void grow(struct import_report *r)
{
	struct import_fault *items;

	r->cap = r->cap ? 2 * r->cap : 64;
	items = arena_alloc(r->arena, r->cap * sizeof(*items));
	if (r->n)
		memcpy(items, r->items, r->n * sizeof(*items));
	r->items = items;
}

void import_tell(struct import_report *r, struct import_fault f)
{
	if (import_told(r, f.line, f.column))
		return;
	if (r->n == r->cap)
		grow(r);
	r->items[r->n++] = f;
}

Archive__ImportFaultCode import_code(const char *name)
{
	int number;

	if (!enum_number(&archive__import_fault_code__descriptor, name, &number) || !number)
		return IMPORT_CODE(INVALID);
	return (Archive__ImportFaultCode)number;
}
