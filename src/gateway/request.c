/*-------------------------------------------------------------------------
 *
 * request.c
 *		An HTTP request, as it was sent.
 *
 *-------------------------------------------------------------------------
 */
#include <string.h>

#include "request.h"

const char *
request_header(const HttpRequest *request, const char *name)
{
	for (int i = 0; i < request->header_count; i++)
	{
		if (strcmp(request->headers[i].name, name) == 0)
			return request->headers[i].value;
	}
	return NULL;
}
