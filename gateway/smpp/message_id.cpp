#include "gateway/smpp/message_id.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace ota::smpp {

std::string normalise_id(std::string_view id, id_base base, const id_forms& forms) {
    if (base != id_base::as_is) {
        std::uint64_t number = 0;
        const auto* end = id.data() + id.size();
        const auto [at, error] = std::from_chars(id.data(), end, number, base == id_base::decimal ? 10 : 16);
        if (error == std::errc{} && at == end) return std::to_string(number);
    }
    if (forms.strip_zeros) id.remove_prefix(std::min(id.find_first_not_of('0'), id.empty() ? 0 : id.size() - 1));
    std::string out(id);
    if (forms.fold_case)
        std::ranges::transform(out, out.begin(),
                               [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return out;
}

}  // namespace ota::smpp
