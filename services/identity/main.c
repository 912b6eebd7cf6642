#include "identity.h"

int main(int argc, char **argv)
{
	return service_main(&IDENTITY, argc, argv);
}
