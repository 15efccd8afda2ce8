/* version.c -- which library this is: see ndr.h. */
#include "record/ndr.h"

const char *ndr_library_version(void)
{
	return NDPIPE_VERSION;
}
