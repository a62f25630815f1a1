#pragma once

#include <string>
#include <string_view>
#include <vector>

/// The house as files: what the checks walk through. A check sees only this, so that a test can build a house that is
/// wrong.
namespace ota::house {

struct source_file {
    std::string path;  ///< from the repository root, with '/'
    std::string text;
};
using source_tree = std::vector<source_file>;

/// One sentence each, beginning with the path (and line, where there is one).
using faults = std::vector<std::string>;

/// Every text file below `root`, without what is built or fetched. Sorted by path.
source_tree read_tree(const std::string& root);

struct include {
    std::size_t line;  ///< from 1
    std::string path;
    bool quoted;  ///< "path"; otherwise <path>
};
std::vector<include> includes_of(const source_file& file);

/// The lines without their ends.
std::vector<std::string_view> lines_of(std::string_view text);

bool is_cpp(std::string_view path);     ///< .cpp or .hpp
bool is_header(std::string_view path);  ///< .hpp
/// Part of the product: not a test, not a benchmark.
bool is_product(std::string_view path);

}  // namespace ota::house
