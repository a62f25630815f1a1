#include "sandbox/judge.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <fstream>
#include <iostream>

namespace ota::sandbox {

namespace json = boost::json;

namespace {

const json::string* text_at(const json::value& v, std::string_view key) {
    const auto* object = v.if_object();
    const auto* found = object ? object->if_contains(key) : nullptr;
    return found ? found->if_string() : nullptr;
}

}  // namespace

bool load_desired(std::istream& in, std::vector<desired_file>& out, std::string& error) {
    std::string line;
    for (std::size_t number = 1; std::getline(in, line); ++number) {
        if (line.empty()) continue;
        boost::system::error_code fault;
        const auto value = json::parse(line, fault);
        const auto* iccid = fault ? nullptr : text_at(value, "iccid");
        const auto* node = fault ? nullptr : text_at(value, "node");
        const auto* hex = fault ? nullptr : text_at(value, "hex");
        auto image = hex ? wire::from_hex(*hex) : wire::result<wire::octets>(wire::errc::bad_hex);
        if (!iccid || !node || !image) {
            error = "line " + std::to_string(number) + R"(: wants {"iccid": "..", "node": "..", "hex": ".."})";
            return false;
        }
        out.push_back({std::string(*iccid), std::string(*node), std::move(image).value()});
    }
    return true;
}

std::string to_json(const verdict& v) {
    json::object out;
    out["good"] = v.good();
    out["records"] = v.records;
    out["torn_octets"] = v.torn_octets;
    out["cards"] = v.cards;
    out["packets"] = v.packets;
    out["by_data"] = v.by_data;
    out["segments"] = v.segments;
    out["lost"] = v.lost;
    out["repeats"] = v.repeats;
    out["unopened"] = v.unopened;
    out["scripts"] = v.scripts;
    out["commands"] = v.commands;
    out["torn_scripts"] = v.torn_scripts;
    out["run_twice"] = v.run_twice;
    out["files_compared"] = v.files_compared;
    out["counters_reused"] = v.counters_reused;
    out["counters_lowered"] = v.counters_lowered;
    out["files_wrong"] = v.files_wrong;
    out["findings"] = json::array(v.findings.begin(), v.findings.end());
    return json::serialize(out);
}

int run_judge(const std::vector<std::string>& arguments) {
    const bool with_desired = arguments.size() == 3 && arguments[1] == "--desired";
    if (arguments.size() != 1 && !with_desired) {
        std::cerr << "usage: otagw sandbox --judge JOURNAL [--desired FILE]\n";
        return 2;
    }
    std::string error;
    std::vector<desired_file> desired;
    if (with_desired) {
        std::ifstream in(arguments[2]);
        if (!in) error = "cannot be read";
        if (!in || !load_desired(in, desired, error)) {
            std::cerr << arguments[2] << ": " << error << "\n";
            return 1;
        }
    }
    verdict out;
    if (!judge(arguments[0], desired, out, error)) {
        std::cerr << error << "\n";
        return 1;
    }
    std::cout << to_json(out) << "\n";
    return out.good() ? 0 : 1;
}

}  // namespace ota::sandbox
