#pragma once

#include "bench/figure.hpp"

#include <ostream>
#include <vector>

namespace ota::bench {

/// One line: processor, cores, memory, compiler. Stands above every table: a figure without its machine says nothing.
[[nodiscard]] std::string machine();

/// Names, values, units and limits in columns.
void print_table(std::ostream& out, const std::vector<figure>& figures);

/// One JSON object a line: {"name":..,"value":..,"unit":..,"limit":..}.
void print_json(std::ostream& out, const std::vector<figure>& figures);

}  // namespace ota::bench
