#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// A hash table of texts from the C++ standard library: the measure that permission checks are compared with.
typedef struct lookup_table lookup_table;

/// An empty table; NULL when there is no memory.
lookup_table *lookup_table_create(void);
/// Frees a table.
void lookup_table_destroy(lookup_table *table);
/// Adds a text, and a look-up of it to the pass. Returns whether there was memory.
int lookup_table_add(lookup_table *table, const char *text, size_t count);
/// Looks every added text up once, in the order of adding. Returns how many were found: all.
size_t lookup_table_pass(const lookup_table *table);

#ifdef __cplusplus
}
#endif
