#include "bench/object_bench.hpp"

#include "gateway/flow/rehearsal.hpp"
#include "gateway/object-tool/object_patch.hpp"
#include "gateway/profile/object_files.hpp"

#include <array>
#include <ctime>
#include <stdexcept>

namespace ota::bench {

namespace {

namespace mo = management_object;
using object_tool::plan_patch;

/// Leaves of IMPS that hold texts.
constexpr std::array<std::string_view, 5> leaves{"ProviderID", "Name", "AppAddr/x/Addr", "AppAuth/x/AAuthName",
                                                 "AppAuth/x/AAuthSecret"};
constexpr std::string_view object_uri = "./IMPS";

template <class T>
T sure(wire::result<T> made) {
    if (!made) throw std::runtime_error("object bench: " + made.error().message());
    return std::move(made).value();
}

/// Texts of different letters have no octet in common, so that a change writes all of the value.
std::string text(char letter, std::size_t octets = 20) { return std::string(octets, letter); }

mo::node_change change(std::string_view leaf, std::string value) {
    return {.what = mo::node_change::verb::replace, .at = sure(mo::parse_uri(leaf)), .value = std::move(value)};
}

card_profile sample_profile() {
    const auto read =
        object_tool::read_profile("usim-aes-dm", std::string(OTA_SOURCE_DIR) + "/config/profiles/usim-aes-dm.yaml");
    if (!read) throw std::runtime_error("object bench: " + read.error().text);
    return read.value();
}

/// The sample object, laid out in one way, on a card of the sample profile.
class laid_out {
public:
    laid_out(object_layout layout, bool pair) : profile_(sample_profile()) {
        for (auto& each : profile_.management_objects) {
            if (each.uri == object_uri) object_ = &each;
        }
        object_->layout = layout;
        object_->file.structure =
            layout == object_layout::ber_tlv ? file_structure::ber_tlv : file_structure::transparent;
        auto top = sure(mo::read_image(object_->factory_image))->top;
        for (const auto leaf : leaves) sure_of(mo::replace(top, sure(mo::parse_uri(leaf)), text('a')));
        image_ = sure(mo::make_image(top, at_, form_of(*object_)));
        // Of a pair, the file that is not in use holds the object as it was before the last change.
        if (pair) {
            object_->spare = object_->file;
            object_->spare->path.back() = 0x6532;
            spare_ = changed(image_, change("AppAddr/x/AddrType", "IPv4"));
        }
    }
    laid_out(const laid_out&) = delete;
    laid_out& operator=(const laid_out&) = delete;

    [[nodiscard]] wire::octets changed(const wire::octets& image, const mo::node_change& c) const {
        return sure(mo::change_image(image, c, at_, form_of(*object_)));
    }
    [[nodiscard]] object_tool::object_patch to(const wire::octets& next) const {
        return sure(plan_patch(profile_, *object_, image_, next, spare_));
    }
    [[nodiscard]] object_tool::object_patch added() const {
        const auto none = mo::empty_image(image_.size());
        return sure(plan_patch(profile_, *object_, none, image_, none));
    }
    [[nodiscard]] flow::rehearsal stage() const {
        auto control =
            *mo::with_image(factory_control(profile_), object_->file_identifier(), object_->file_identifier(), image_);
        return sure(flow::rehearsal::of(profile_, *object_, {image_, spare_, std::move(control)}, 8));
    }
    [[nodiscard]] const wire::octets& image() const noexcept { return image_; }
    [[nodiscard]] const card_profile& profile() const noexcept { return profile_; }

private:
    static void sure_of(const wire::result<void>& done) {
        if (!done) throw std::runtime_error("object bench: " + done.error().message());
    }

    mo::uri at_ = sure(mo::parse_uri(object_uri));
    card_profile profile_;
    management_object_binding* object_ = nullptr;
    wire::octets image_, spare_;
};

struct way {
    std::string_view name;
    object_layout layout;
    bool pair = false, whole = false;
};
// Whoever rewrites has no use for slots: the shortest form stands for him.
constexpr std::array ways{way{"slotted", object_layout::slotted}, way{"rewrite", object_layout::plain, false, true},
                          way{"ber-tlv", object_layout::ber_tlv}, way{"pair", object_layout::slotted, true}};

/// Rows of one change: messages of each way, then octets of script.
class table {
public:
    void add(const std::string& what, const way& each, const object_tool::object_patch& planned,
             const std::string& limit) {
        const auto& cost = each.whole ? planned.rewrite : planned.patch;
        const auto name = what + "-" + std::string(each.name);
        messages_.push_back(
            {"sms-" + name, static_cast<double>(cost.messages()), "SMS", each.name == "slotted" ? limit : ""});
        octets_.push_back({"script-" + name, static_cast<double>(cost.octets()), "octets", ""});
    }
    [[nodiscard]] std::vector<figure> take() {
        messages_.insert(messages_.end(), octets_.begin(), octets_.end());
        return std::move(messages_);
    }

private:
    std::vector<figure> messages_, octets_;
};

/// What the octets of the object take without any command around them.
std::string need_of(const laid_out& on) {
    const auto used = mo::used_length(on.image());
    const auto full = object_tool::capacity_of(on.profile(), on.profile().max_segments, 8);
    const auto messages =
        used / full * on.profile().max_segments + object_tool::messages_of(on.profile(), used % full, 8);
    return "<= " + std::to_string(messages) + ", as its image takes";
}

std::vector<figure> costs() {
    std::vector<std::unique_ptr<laid_out>> cards;
    for (const auto& each : ways) cards.push_back(std::make_unique<laid_out>(each.layout, each.pair));
    table out;
    for (const std::size_t octets : {std::size_t{20}, std::size_t{24}}) {
        for (std::size_t i = 0; i < ways.size(); ++i) {
            const auto& card = *cards[i];
            const auto next = card.changed(card.image(), change(leaves[2], text('b', octets)));
            out.add("leaf-20-to-" + std::to_string(octets), ways[i], card.to(next), "<= 1");
        }
    }
    for (std::size_t i = 0; i < ways.size(); ++i) {
        auto next = cards[i]->image();
        for (const auto leaf : leaves) next = cards[i]->changed(next, change(leaf, text('b')));
        out.add("five-leaves", ways[i], cards[i]->to(next), "<= 2");
    }
    for (std::size_t i = 0; i < ways.size(); ++i)
        out.add("object-added", ways[i], cards[i]->added(), need_of(*cards[i]));
    return out.take();
}

/// Seconds that this thread has had a core to itself: what others do on the machine does not count.
double core_seconds() {
    ::timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// The change of a node to the next image, the commands that bring it to the card, and the card's answer settled; each
/// patch starts where the last one ended.
double patches_per_second(double seconds, object_layout layout) {
    const laid_out card(layout, false);
    const std::array changes{change(leaves[2], text('b')), change(leaves[2], text('a'))};
    auto image = card.image();
    auto stage = card.stage();
    const auto start = core_seconds();
    std::size_t n = 0;
    while (core_seconds() - start < seconds) {
        for (int burst = 0; burst < 64; ++burst, ++n) {
            image = card.changed(image, changes[n % 2]);
            if (sure(stage.to(image)).size() != 1)
                throw std::runtime_error("object bench: a patch takes more than one packet");
        }
    }
    return static_cast<double>(n) / (core_seconds() - start);
}

}  // namespace

std::vector<figure> object_figures(double seconds) {
    std::vector<figure> out{
        {"object-patches-slotted", patches_per_second(seconds, object_layout::slotted), "patches/s", ""},
        {"object-patches-ber-tlv", patches_per_second(seconds, object_layout::ber_tlv), "patches/s", ""}};
    const auto table = costs();
    out.insert(out.end(), table.begin(), table.end());
    return out;
}

}  // namespace ota::bench
