#include "lookup_table.h"

#include <new>
#include <string>
#include <unordered_map>
#include <vector>

struct lookup_table {
    std::vector<std::string> texts;
    std::unordered_map<std::string, uint32_t> table;
};

lookup_table *lookup_table_create(void) { return new (std::nothrow) lookup_table; }

void lookup_table_destroy(lookup_table *table) { delete table; }

int lookup_table_add(lookup_table *table, const char *text, size_t count) {
    try {
        table->texts.emplace_back(text, count);
        table->table.emplace(table->texts.back(), 1);
        return 1;
    } catch (const std::bad_alloc &) {
        return 0;
    }
}

size_t lookup_table_pass(const lookup_table *table) {
    size_t found = 0;
    for (const std::string &text : table->texts) {
        auto entry = table->table.find(text);
        if (entry != table->table.end()) found += entry->second;
    }
    return found;
}
