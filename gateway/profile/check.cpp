#include "gateway/profile/check.hpp"

#include <algorithm>
#include <filesystem>
#include <ostream>
#include <tuple>

namespace ota {
namespace {

constexpr int ex_config = 78;  // sysexits.h

std::string count(std::size_t n, std::string_view what) {
    return std::to_string(n) + " " + std::string(what) + (n == 1 ? "" : "s");
}

}  // namespace

std::vector<config::fault> check(const std::string& file, const further_check& also) {
    config::faults told;
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(file, ignored)) {
        return {{config::fault::severity::error, file, 0, "", "cannot be read"}};
    }
    const auto settings = load_gateway_settings(file, told);
    if (also && !told.any_error()) also(settings, told);
    auto list = told.list();
    std::stable_sort(list.begin(), list.end(), [&](const auto& a, const auto& b) {
        return std::tuple(a.file != file, std::string_view(a.file), a.line) <
               std::tuple(b.file != file, std::string_view(b.file), b.line);
    });
    return list;
}

int run_check(const std::string& file, bool deny_warnings, std::ostream& out, const further_check& also) {
    const auto list = check(file, also);
    std::size_t errors = 0;
    for (const auto& fault : list) {
        out << config::to_string(fault) << "\n";
        errors += fault.is == config::fault::severity::error ? 1 : 0;
    }
    const auto warnings = list.size() - errors;
    const bool good = errors == 0 && (warnings == 0 || !deny_warnings);
    out << file << ": " << (good ? "good" : "not good") << ", " << count(errors, "error") << ", "
        << count(warnings, "warning") << "\n";
    return good ? 0 : ex_config;
}

}  // namespace ota
