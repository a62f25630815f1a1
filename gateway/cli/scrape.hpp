#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ota::cli {

/// What /metrics said: the series of the text format 0.0.4, without their help.
class scrape {
public:
    using labels = std::map<std::string, std::string, std::less<>>;
    struct series {
        labels with;
        double value = 0;
    };

    /// Lines that cannot be read are left out.
    [[nodiscard]] static scrape parse(std::string_view text);

    /// All series of the name added up; 0 where there is none.
    [[nodiscard]] double sum(std::string_view name) const;
    /// By the value of one label.
    [[nodiscard]] std::map<std::string, double, std::less<>> by(std::string_view name, std::string_view label) const;
    /// The upper counts of a histogram by their bounds, of the series that have this label (empty: of all).
    [[nodiscard]] std::map<double, double> buckets(std::string_view name, std::string_view label = {},
                                                   std::string_view value = {}) const;
    [[nodiscard]] bool empty() const noexcept { return series_.empty(); }

private:
    [[nodiscard]] const std::vector<series>& of(std::string_view name) const;
    std::map<std::string, std::vector<series>, std::less<>> series_;
};

/// In which time so large a share was done, between two scrapes: by linear interpolation, as Prometheus does. Nothing
/// where nothing happened in between.
[[nodiscard]] std::optional<double> quantile(double share, const std::map<double, double>& before,
                                             const std::map<double, double>& now);

}  // namespace ota::cli
