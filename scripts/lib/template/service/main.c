#include "template.h"

int main(int argc, char **argv)
{
	return service_main(&TEMPLATE, argc, argv);
}
