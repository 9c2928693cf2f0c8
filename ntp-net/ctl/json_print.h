/*
 * Printing a JSON value.
 */
#ifndef CTL_JSON_PRINT_H
#define CTL_JSON_PRINT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "common/attr.h"

/* Print the value, which is given away.  Returns 0, or -1 also for NULL. */
MUST_CHECK int json_print(FILE *out, json_t *j, bool compact);

#endif
