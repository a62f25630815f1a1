#include "tests/published/published.hpp"

#include "queue/embedded/embedded_sink.hpp"
#include "queue/embedded/log_reader.hpp"
#include "queue/event_sink.hpp"

#include <unistd.h>
#include <boost/json.hpp>

#include <array>
#include <cstdio>
#include <fstream>

namespace ota::published {

void records::add(const std::string& topic, const std::optional<std::string>& key, const std::string& value) {
    boost::json::object record{{"topic", topic}, {"key", nullptr}, {"value", value}};
    if (key) record["key"] = *key;
    lines_ += boost::json::serialize(record) + '\n';
    ++by_topic_[topic];
}

void records::add_logs(const std::filesystem::path& queue_directory) {
    for (const auto* topic : {queue::topic_status, queue::topic_card_state, queue::topic_dead_letters}) {
        auto log = queue::log_reader::open(queue::topic_directory(queue_directory, topic));
        if (!log) continue;  // nothing was published there
        for (auto next = log.value().next(); next && next.value(); next = log.value().next())
            add(topic, std::string(next.value()->content.key), std::string(next.value()->content.payload));
    }
}

std::string records::breaches() const {
    const auto file = std::filesystem::temp_directory_path() / ("published-" + std::to_string(::getpid()) + ".ndjson");
    std::ofstream(file) << lines_;
    const std::string source = OTA_SOURCE_DIR;
    const auto command =
        source +
        "/tests/published/python.sh " OTA_PYTHON_PLACE "/jsonschema jsonschema==4.26.0,rfc3339-validator==0.1.4 " +
        source + "/tests/published/check_events.py " + source + "/docs/schemas " + file.string() + " 2>&1";
    std::string said;
    FILE* pipe = ::popen(command.c_str(), "r");
    if (pipe == nullptr) return "no shell\n";
    std::array<char, 4096> part{};
    while (const auto n = std::fread(part.data(), 1, part.size(), pipe)) said.append(part.data(), n);
    const bool ran = ::pclose(pipe) == 0;
    std::filesystem::remove(file);
    std::string all = "checked ";
    for (const auto& [topic, n] : by_topic_) all += (all.size() > 8 ? ", " : "") + std::to_string(n) + " of " + topic;
    return ran && said == all + '\n' ? std::string() : said;
}

}  // namespace ota::published
