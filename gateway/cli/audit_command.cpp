#include "gateway/audit/verify.hpp"
#include "gateway/cli/commands.hpp"

#include <CLI/CLI.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <fstream>
#include <iostream>
#include <optional>

namespace ota::cli {

namespace {

std::string text_of(const boost::json::object& record, std::string_view name) {
    const auto* const value = record.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::string number_of(const boost::json::object& record, std::string_view name) {
    const auto* const value = record.if_contains(name);
    return value != nullptr && value->is_int64() ? std::to_string(value->get_int64()) : std::string();
}

int show(const std::vector<std::string>& files, const std::string& who) {
    for (const auto& file : files) {
        std::ifstream in(file);
        if (!in) {
            std::cerr << "otagw audit: " << file << " cannot be read\n";
            return failed;
        }
        std::string line;
        for (std::size_t n = 1; std::getline(in, line); ++n) {
            boost::system::error_code wrong;
            const auto record = boost::json::parse(line, wrong);
            if (wrong || !record.is_object()) {
                std::cerr << "otagw audit: " << file << ":" << n << ": is no record\n";
                return failed;
            }
            const auto& r = record.get_object();
            if (!who.empty() && text_of(r, "who") != who) continue;
            std::cout << number_of(r, "seq") << "  " << text_of(r, "time") << "  " << text_of(r, "who") << " ("
                      << text_of(r, "role") << ") " << text_of(r, "peer") << "  " << text_of(r, "method") << ' '
                      << text_of(r, "path") << "  " << number_of(r, "status") << '\n';
        }
    }
    return good;
}

}  // namespace

int run_audit_command(const arguments& args) {
    CLI::App app("The audit log: who operated the gateway over HTTP. Files of one instance, oldest first.",
                 "otagw audit");
    std::vector<std::string> files;
    std::string head, who;
    auto* const verifies =
        app.add_subcommand("verify", "tells whether the chain of records is whole; else the first line that breaks it");
    verifies->add_option("FILE", files, "audit-N.*.jsonl, then audit-N.jsonl")->required();
    verifies->add_option("--head", head, "hash that was noted from the gateway's log: it must be there")
        ->check([](const std::string& text) {
            const bool hash = text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
            return hash ? std::string() : std::string("should be 64 small hexadecimal digits");
        });
    auto* const shows = app.add_subcommand("show", "the records, a line each");
    shows->add_option("FILE", files, "files of records")->required();
    shows->add_option("--who", who, "only what this caller did");
    app.require_subcommand(1);
    try {
        app.parse(std::vector<std::string>(args.rbegin(), args.rend()));
    } catch (const CLI::ParseError& e) {
        return app.exit(e) == 0 ? good : wrong_usage;
    }
    if (*shows) return show(files, who);
    return audit::verify(files, head.empty() ? std::nullopt : std::optional(head), std::cout) == 0 ? good : failed;
}

}  // namespace ota::cli
