/* Escapes text from any source, see escape.h.  Linked into every program. */
#include "common/escape.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* False for characters that move, hide or reverse the text around them. */
static bool
harmless(uint32_t c)
{
	return c >= 0xa0 && c != 0xad && !(c >= 0x200b && c <= 0x200f) &&
	    !(c >= 0x2028 && c <= 0x202e) && !(c >= 0x2060 && c <= 0x206f) &&
	    !(c >= 0xd800 && c <= 0xf8ff) && c != 0xfeff &&
	    !(c >= 0xfff0 && c <= 0xffff) && c < 0xe0000;
}

/*
 * The length of the well-formed character at s, 1 to 4 octets; 0 if the octet
 * must be escaped.
 */
static size_t
character(const unsigned char *s)
{
	/* the smallest code point of each length */
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	uint32_t c;

	if (s[0] < 0x80)
		return s[0] >= 0x20 && s[0] != 0x7f;
	if (s[0] < 0xc2 || s[0] > 0xf4)
		return 0;
	c = s[0] & (0x7fU >> n);
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3fU);
	}
	return c >= least[n] && harmless(c) ? n : 0;
}

void
escape_text(char *dst, size_t size, const char *src)
{
	static const char hex[] = "0123456789abcdef";
	size_t n = 0;

	while (*src != '\0') {
		unsigned char s[4] = { 0 };
		size_t len;

		for (size_t i = 0; i < sizeof(s) && src[i] != '\0'; i++)
			s[i] = (unsigned char)src[i];
		len = character(s);
		if (n + (len == 0 ? 4 : len) >= size)
			break;
		if (len == 0) {
			dst[n++] = '\\';
			dst[n++] = 'x';
			dst[n++] = hex[s[0] >> 4];
			dst[n++] = hex[s[0] & 15];
			len = 1;
		} else {
			memcpy(dst + n, src, len);
			n += len;
		}
		src += len;
	}
	dst[n] = '\0';
}
