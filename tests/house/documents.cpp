#include "tests/house/checks.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>

namespace ota::house {
namespace {

constexpr int rule_count = 25;  // R1 to R25, the promise of the product

bool is_outside(std::string_view target) {
    return target.starts_with("http://") || target.starts_with("https://") || target.starts_with("mailto:") ||
           target.starts_with('#');
}

// A file of the tree, or a folder that holds one.
bool exists(const source_tree& tree, const std::string& path) {
    return std::ranges::any_of(
        tree, [&](const auto& file) { return file.path == path || file.path.starts_with(path + '/'); });
}

// The targets of [text](target) without their #anchor.
std::vector<std::string> links_of(std::string_view line) {
    std::vector<std::string> targets;
    for (auto from = line.find("]("); from != std::string_view::npos; from = line.find("](", from + 1)) {
        const auto end = line.find(')', from);
        if (end == std::string_view::npos) break;
        const auto target = line.substr(from + 2, end - from - 2);
        if (!is_outside(target)) targets.emplace_back(target.substr(0, target.find('#')));
    }
    return targets;
}

bool names_rule(std::string_view text, const std::string& rule) {
    for (auto from = text.find(rule); from != std::string_view::npos; from = text.find(rule, from + 1)) {
        const auto end = from + rule.size();
        const bool begins = from == 0 || std::isalnum(static_cast<unsigned char>(text[from - 1])) == 0;
        if (begins && (end == text.size() || std::isalnum(static_cast<unsigned char>(text[end])) == 0)) return true;
    }
    return false;
}

}  // namespace

faults broken_links(const source_tree& tree) {
    faults found;
    for (const auto& file : tree) {
        if (!file.path.ends_with(".md")) continue;
        std::size_t number = 0;
        for (const auto line : lines_of(file.text)) {
            ++number;
            for (const auto& target : links_of(line)) {
                auto path =
                    (std::filesystem::path(file.path).parent_path() / target).lexically_normal().generic_string();
                if (path.ends_with('/')) path.pop_back();
                if (!exists(tree, path)) found.push_back(file.path + ':' + std::to_string(number) + ": no " + path);
            }
        }
    }
    return found;
}

faults rules_without_test(const source_tree& tree) {
    faults found;
    for (int number = 1; number <= rule_count; ++number) {
        const auto rule = 'R' + std::to_string(number);
        const bool tested = std::ranges::any_of(tree, [&](const auto& file) {
            return file.path.starts_with("tests/") && !file.path.starts_with("tests/house/") &&
                   file.path.ends_with(".cpp") && names_rule(file.text, rule);
        });
        if (!tested) found.push_back(rule + ": no test names it");
    }
    return found;
}

}  // namespace ota::house
