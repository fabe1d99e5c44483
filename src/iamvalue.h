/*-------------------------------------------------------------------------
 *
 * iamvalue.h
 *		Values that conditions compare: numbers, dates, addresses, bytes.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_IAMVALUE_H
#define QUEUE_IAMVALUE_H

/* An address, or those that begin with the same bits */
typedef struct IamAddress
{
	int			length;			/* in bytes: 4 or 16 */
	unsigned char bytes[16];
	int			bits;			/* that count; the others are zero */
} IamAddress;

typedef struct IamBytes
{
	int			length;
	char	   *bytes;
} IamBytes;

/*
 * Read a value; false if the text is none.  A date is ISO 8601 or seconds since
 * 1970, and comes as microseconds since 1970.
 */
extern bool iamvalue_number(const char *text, double *number);
extern bool iamvalue_date(const char *text, int64 *date);
extern bool iamvalue_boolean(const char *text, bool *value);
extern bool iamvalue_address(const char *text, IamAddress *address);
extern bool iamvalue_bytes(const char *text, IamBytes *bytes);

/* Whether a range has an address, or all of another range */
extern bool iamvalue_contains(const IamAddress *range, const IamAddress *address);

#endif							/* QUEUE_IAMVALUE_H */
