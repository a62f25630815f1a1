#include "tests/house/checks.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace ota::house {
namespace {

constexpr std::size_t longest_file_in_lines = 400;

// Written in two parts, so that this file does not find itself.
constexpr std::array<std::string_view, 3> deferring{
    "TO"
    "DO",
    "FIX"
    "ME",
    "XX"
    "X"};
constexpr std::array<std::string_view, 3> machine_roots{
    "/wo"
    "rk/",
    "/ho"
    "me/",
    "/ro"
    "ot/"};
constexpr std::array<std::string_view, 9> vague{"util",    "utils",   "common",   "base", "helper",
                                                "helpers", "manager", "managers", "misc"};

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

std::string at(const source_file& file, std::size_t line) { return file.path + ':' + std::to_string(line) + ": "; }

bool has_word(std::string_view line, std::string_view word) {
    for (auto from = line.find(word); from != std::string_view::npos; from = line.find(word, from + 1)) {
        const auto end = from + word.size();
        if ((from == 0 || !is_word(line[from - 1])) && (end == line.size() || !is_word(line[end]))) return true;
    }
    return false;
}

// `root` where a path begins, not in the middle of one such as build/x/home/y.
bool has_absolute(std::string_view line, std::string_view root) {
    for (auto from = line.find(root); from != std::string_view::npos; from = line.find(root, from + 1)) {
        if (from == 0) return true;
        const char before = line[from - 1];
        if (!is_word(before) && std::string_view(".}-)*").find(before) == std::string_view::npos) return true;
    }
    return false;
}

template <class Words, class Has>
faults lines_with(const source_tree& tree, const Words& words, Has has) {
    faults found;
    for (const auto& file : tree) {
        std::size_t number = 0;
        for (const auto line : lines_of(file.text)) {
            ++number;
            for (const auto word : words) {
                if (has(line, word)) found.push_back(at(file, number) + std::string(word));
            }
        }
    }
    return found;
}

}  // namespace

faults deferring_words(const source_tree& tree) { return lines_with(tree, deferring, has_word); }

faults machine_paths(const source_tree& tree) { return lines_with(tree, machine_roots, has_absolute); }

faults long_files(const source_tree& tree) {
    faults found;
    for (const auto& file : tree) {
        if (!is_cpp(file.path)) continue;
        const auto lines = lines_of(file.text).size();
        if (lines > longest_file_in_lines) found.push_back(file.path + ": " + std::to_string(lines) + " lines");
    }
    return found;
}

faults vague_names(const source_tree& tree) {
    faults found;
    for (const auto& file : tree) {
        std::string_view rest = file.path;
        while (!rest.empty()) {
            const auto end = std::min(rest.find('/'), rest.size());
            auto name = rest.substr(0, end);
            const bool is_file = end == rest.size();
            if (is_file) name = name.substr(0, name.find('.'));
            const bool counts = !is_file || is_cpp(file.path);
            if (counts && std::ranges::find(vague, name) != vague.end())
                found.push_back(file.path + ": '" + std::string(name) + "' says nothing");
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
    }
    return found;
}

faults unguarded_headers(const source_tree& tree) {
    faults found;
    for (const auto& file : tree) {
        if (!is_header(file.path)) continue;
        const auto lines = lines_of(file.text);
        if (std::ranges::find(lines, "#pragma once") == lines.end()) found.push_back(file.path + ": no #pragma once");
    }
    return found;
}

faults lists_of_properties(const source_tree& tree) {
    static constexpr std::string_view call = "gtest_discover_tests(";
    faults found;
    for (const auto& file : tree) {
        if (!file.path.ends_with(".txt") && !file.path.ends_with(".cmake")) continue;
        const std::string_view text = file.text;
        for (auto from = text.find(call); from != std::string_view::npos; from = text.find(call, from + 1)) {
            const auto asked = text.substr(from, text.find(')', from) - from);
            if (asked.find(';') == std::string_view::npos) continue;
            const auto line = 1 + std::ranges::count(text.substr(0, from), '\n');
            found.push_back(at(file, static_cast<std::size_t>(line)) + "a list in PROPERTIES");
        }
    }
    return found;
}

}  // namespace ota::house
