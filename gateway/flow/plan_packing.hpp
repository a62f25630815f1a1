#pragma once

#include "gateway/flow/object_shadow.hpp"
#include "gateway/flow/plan.hpp"

#include <algorithm>

namespace ota::flow {

/// One packet in the making.
class packing {
public:
    packing(twin& t, const card_profile& profile, std::size_t application, std::size_t capacity)
        : t_(t), profile_(profile), script_(profile.applications[application], capacity) {
        result_.application = application;
    }

    /// Adds as much of the image as fits. False when nothing of it fits any more.
    bool write(std::uint16_t index, const wire::octets& image, event_seq version);
    bool read(std::uint16_t index, std::size_t offset, std::size_t length, carried::kind, event_seq version);
    /// The list of tags of a BER-TLV file that nobody knows.
    bool read_tags(std::uint16_t index, event_seq version);
    /// What differs from what the object's file holds; `commit` completes it. True when any of it went in, or nothing
    /// is to be written.
    bool write_object(std::uint16_t index, const wire::octets& image, event_seq version);
    /// The control file for the objects that were written whole, when it fits: their proof.
    void commit();
    bool exec(std::uint16_t index, const node_binding&, event_seq version);
    void refresh();

    void expires(wall_time at) {
        if (result_.expires == wall_time{} || at < result_.expires) result_.expires = at;
    }
    void priority(std::int8_t p) { result_.priority = std::max(result_.priority, p); }
    [[nodiscard]] bool empty() const noexcept { return carries_nothing() && !owes_proof(); }
    [[nodiscard]] bool carries_nothing() const noexcept { return result_.carries.empty(); }
    /// Objects were written whole: the control file comes last.
    [[nodiscard]] bool owes_proof() const noexcept { return !whole_.empty(); }
    /// Nothing may follow: a get is last in a compact script, an exec alone.
    [[nodiscard]] bool closed() const noexcept {
        return !result_.carries.empty() &&
               (result_.carries.back().is == carried::kind::get || result_.carries.back().is == carried::kind::exec);
    }
    [[nodiscard]] bool writes() const noexcept {
        return std::any_of(result_.carries.begin(), result_.carries.end(),
                           [](const carried& c) { return c.is == carried::kind::write; });
    }
    planned_packet take() {
        result_.commands = script_.commands();
        return std::move(result_);
    }

private:
    const node_binding& binding(std::uint16_t index) const { return *binding_of(t_, profile_, t_.nodes[index]); }
    bool write_run(const node_binding&, std::size_t offset, wire::octet_view, carried&);
    bool set_data_objects(std::uint16_t index, const management_object_binding&, const wire::octets& image,
                          event_seq version);
    bool restore_directory();
    void write_all(std::uint16_t index, const wire::octets& image, const std::vector<management_object::patch>& runs);

    twin& t_;
    const card_profile& profile_;
    script_builder script_;
    planned_packet result_;
    struct written_object {
        std::uint16_t node;
        event_seq version;
        wire::octets image;
    };
    bool restored_ = false;
    std::vector<written_object> whole_;  ///< objects whose last octets are in this packet
};

}  // namespace ota::flow
