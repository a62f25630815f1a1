#include "gateway/store/card_filter.hpp"

#include <algorithm>

namespace ota::store {

namespace {

bool has_label(std::string_view labels, std::string_view wanted) {
    while (!labels.empty()) {
        const auto label = labels.substr(0, labels.find(','));
        if (label == wanted || label.substr(0, label.find('=')) == wanted) return true;
        labels.remove_prefix(std::min(labels.size(), label.size() + 1));
    }
    return wanted.empty();
}

}  // namespace

bool passes(const card_row& card, const card_filter& filter) {
    return (filter.profile.empty() || card.profile == filter.profile) && (!filter.is || card.is == *filter.is) &&
           (filter.msisdn.empty() || card.msisdn == filter.msisdn) && card.iccid.starts_with(filter.iccid_prefix) &&
           (filter.label.empty() || has_label(card.labels, filter.label));
}

}  // namespace ota::store
