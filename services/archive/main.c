#include "service.h"
#include "archive.h"

int main(int argc, char **argv)
{
	return service_main(&ARCHIVE, argc, argv);
}
