#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

/// What a gateway published, held against docs/schemas by jsonschema of PyPI, which knows nothing of the product.
namespace ota::published {

class records {
public:
    /// Without a key where the caller does not know it: then it is not judged.
    void add(const std::string& topic, const std::optional<std::string>& key, const std::string& value);
    /// Everything in the embedded logs below a queue directory.
    void add_logs(const std::filesystem::path& queue_directory);
    /// A line for each record that its schema refuses; empty when all are good.
    [[nodiscard]] std::string breaches() const;
    [[nodiscard]] const std::map<std::string, std::size_t>& by_topic() const { return by_topic_; }

private:
    std::string lines_;
    std::map<std::string, std::size_t> by_topic_;
};

}  // namespace ota::published
