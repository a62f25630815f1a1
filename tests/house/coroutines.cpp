#include "tests/house/checks.hpp"

#include <algorithm>
#include <cctype>

namespace ota::house {
namespace {

enum class inside { code, line_comment, block_comment, text, character };

// The code with comments and literals blanked, line ends kept. Raw strings are taken for ordinary ones.
std::string code_only(std::string_view text) {
    std::string code(text);
    auto state = inside::code;
    for (std::size_t i = 0; i < code.size(); ++i) {
        const char c = text[i];
        const char next = i + 1 < text.size() ? text[i + 1] : '\0';
        if (state == inside::code) {
            if (c == '/' && next == '/')
                state = inside::line_comment;
            else if (c == '/' && next == '*')
                state = inside::block_comment;
            else if (c == '"')
                state = inside::text;
            else if (c == '\'' && !(i > 0 && std::isalnum(static_cast<unsigned char>(text[i - 1])) != 0))
                state = inside::character;
            else
                continue;
        } else if (state == inside::line_comment && c == '\n') {
            state = inside::code;
            continue;
        } else if (state == inside::block_comment && c == '*' && next == '/') {
            state = inside::code;
            code[i] = code[i + 1] = ' ';
            ++i;
            continue;
        } else if ((state == inside::text || state == inside::character) && c == '\\' && next != '\0') {
            code[i] = code[i + 1] = ' ';
            ++i;
            continue;
        } else if ((state == inside::text && c == '"') || (state == inside::character && c == '\'')) {
            state = inside::code;
        }
        if (c != '\n') code[i] = ' ';
    }
    return code;
}

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// What g++ 12 compiles right: `co_await f(named);` or `x = co_await f(named);` as a statement of its own.
std::string_view objection(std::string_view before, std::string_view after) {
    const auto last = before.find_last_not_of(" \t\r\n");
    if (last != std::string_view::npos && before[last] != '=') return "co_await is not a statement of its own";
    if (before.find('(') != std::string_view::npos) return "co_await in a condition or an expression";
    if (after.find('{') != std::string_view::npos) return "a lambda or an aggregate inside a co_await expression";
    if (after.find('?') != std::string_view::npos) return "a choice (?:) inside a co_await expression";
    return {};
}

}  // namespace

faults dangerous_coroutines(const source_tree& tree) {
    static constexpr std::string_view keyword = "co_await";
    faults found;
    for (const auto& file : tree) {
        if (!is_cpp(file.path) || file.text.find(keyword) == std::string::npos) continue;
        const auto code = code_only(file.text);
        for (auto from = code.find(keyword); from != std::string::npos; from = code.find(keyword, from + 1)) {
            if ((from > 0 && is_word(code[from - 1])) || is_word(code[from + keyword.size()])) continue;
            const auto previous = code.find_last_of(";{}", from);
            const auto begin = previous == std::string::npos ? 0 : previous + 1;
            const auto end = std::min(code.find(';', from), code.size());
            const std::string_view whole(code);
            const auto why = objection(whole.substr(begin, from - begin), whole.substr(from, end - from));
            if (why.empty()) continue;
            const auto line = 1 + std::count(code.begin(), code.begin() + static_cast<std::ptrdiff_t>(from), '\n');
            found.push_back(file.path + ':' + std::to_string(line) + ": " + std::string(why));
        }
    }
    return found;
}

}  // namespace ota::house
