#include "tests/house/source_tree.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace ota::house {
namespace {

namespace fs = std::filesystem;

bool is_left_out(const fs::path& folder) {
    static constexpr std::array<std::string_view, 6> names{".git",        "build",  "node_modules",
                                                           "__pycache__", ".cache", "target"};
    return std::ranges::find(names, folder.filename().string()) != names.end();
}

bool is_text(const fs::path& file) {
    static constexpr std::array<std::string_view, 18> endings{".cpp", ".hpp", ".txt",   ".md",  ".json", ".yaml",
                                                              ".yml", ".py",  ".js",    ".mjs", ".sh",   ".java",
                                                              ".xml", ".csv", ".cmake", ".tpl", ".svg",  ""};
    return std::ranges::find(endings, file.extension().string()) != endings.end();
}

}  // namespace

source_tree read_tree(const std::string& root) {
    source_tree tree;
    for (auto at = fs::recursive_directory_iterator(root); at != fs::recursive_directory_iterator(); ++at) {
        if (at->is_directory() && is_left_out(at->path())) {
            at.disable_recursion_pending();
        } else if (at->is_regular_file() && at->path().extension() == ".png") {
            tree.push_back(
                {fs::relative(at->path(), root).generic_string(), ""});  // only that it is there: documents show it
        } else if (at->is_regular_file() && is_text(at->path())) {
            std::ostringstream text;
            text << std::ifstream(at->path(), std::ios::binary).rdbuf();
            tree.push_back({fs::relative(at->path(), root).generic_string(), std::move(text).str()});
        }
    }
    std::ranges::sort(tree, {}, &source_file::path);
    return tree;
}

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        lines.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

std::vector<include> includes_of(const source_file& file) {
    std::vector<include> found;
    std::size_t number = 0;
    for (auto line : lines_of(file.text)) {
        ++number;
        line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
        if (!line.starts_with('#')) continue;
        line.remove_prefix(std::min(line.find_first_not_of(" \t", 1), line.size()));
        if (!line.starts_with("include")) continue;
        const auto open = line.find_first_of("<\"");
        if (open == std::string_view::npos) continue;
        const bool quoted = line[open] == '"';
        const auto close = line.find(quoted ? '"' : '>', open + 1);
        if (close != std::string_view::npos)
            found.push_back({number, std::string(line.substr(open + 1, close - open - 1)), quoted});
    }
    return found;
}

bool is_header(std::string_view path) { return path.ends_with(".hpp"); }
bool is_cpp(std::string_view path) { return path.ends_with(".cpp") || is_header(path); }
bool is_product(std::string_view path) { return !path.starts_with("tests/") && !path.starts_with("bench/"); }

}  // namespace ota::house
