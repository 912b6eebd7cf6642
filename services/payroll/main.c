#include "payroll.h"

int main(int argc, char **argv)
{
	return service_main(&PAYROLL, argc, argv);
}
