#include "gateway/profile/object_script.hpp"

#include "management-object/tlv_layout.hpp"

#include <algorithm>

namespace ota {

namespace mo = management_object;

namespace {

constexpr std::uint8_t update_binary = 0xD6;
constexpr std::size_t header_octets = 5;

class planner {
public:
    planner(const card_profile& p, const management_object_binding& object, const object_state& state)
        : profile_(p), object_(object), state_(state), control_before_(control_image(p, state.control)) {
        costs_.select_first = header_octets + 2 * object.file.path.size();
        cla_ = p.applications[p.objects_at->application].class_octet;
    }

    /// The control file once the object is `next` in this file.
    void aim(std::uint16_t from, std::uint16_t to, wire::octet_view next) {
        next_ = next;
        to_ = to;
        control_after_ = mo::with_image(state_.control, from, to, next).value();
        control_octets_ = control_image(profile_, control_after_);
    }

    [[nodiscard]] object_script in_place(const mo::message_count& messages) const {
        const mo::object_files files{.object = {to_, state_.image, next_}, .control = control_step()};
        const auto costs = mo::plan_change(files, costs_, messages);
        const bool patch = std::pair(costs.patch_messages, costs.patch.octets) <=
                           std::pair(costs.rewrite_messages, costs.rewrite.octets);
        if (patch) return script_of(object_script::way::patch, costs.patch, messages);
        return script_of(object_script::way::rewrite, costs.rewrite, messages);
    }

    [[nodiscard]] object_script in_turn(const mo::message_count& messages) const {
        const auto list = profile_.objects_at->list.path.back();
        const auto before = list_image(profile_, state_.control), after = list_image(profile_, control_after_);
        const auto plan = mo::plan_script({{to_, state_.spare, next_}, {list, before, after}, control_step()}, costs_);
        return script_of(object_script::way::paired, plan, messages);
    }

    [[nodiscard]] wire::result<object_script> as_data_objects(const mo::message_count& messages) const {
        OTA_TRY(auto commands, mo::tlv_commands(state_.image, next_));
        auto out = script_of(object_script::way::data_objects, mo::plan_script({control_step()}, costs_), messages);
        for (const auto& command : commands) out.octets += command.size();
        out.octets += costs_.select_next;
        out.messages = messages(out.octets);
        out.steps.insert(out.steps.begin(), {&object_.file, std::move(commands)});
        return out;
    }

private:
    [[nodiscard]] mo::file_step control_step() const {
        return {profile_.objects_at->control.path.back(), control_before_, control_octets_};
    }
    [[nodiscard]] const node_binding* binding_of(std::uint16_t file) const {
        const auto& at = *profile_.objects_at;
        for (const auto* known : {&at.control, &at.list, &object_.file})
            if (known->path.back() == file) return known;
        return &*object_.spare;
    }
    [[nodiscard]] object_script script_of(object_script::way how, const mo::script_plan& plan,
                                          const mo::message_count& messages) const {
        object_script out{.how = how, .octets = plan.octets, .messages = messages(plan.octets), .after = control_after_};
        for (const auto& [file, run] : plan.runs) {
            const auto* binding = binding_of(file);
            if (out.steps.empty() || out.steps.back().file != binding) out.steps.push_back({binding, {}});
            wire::writer command(header_octets + run.octets.size());
            command.u8(cla_).u8(update_binary).u16(run.offset).u8(run.octets.size()).put(run.octets);
            out.steps.back().commands.push_back(command.take());
        }
        return out;
    }

    const card_profile& profile_;
    const management_object_binding& object_;
    const object_state& state_;
    mo::command_costs costs_;
    std::uint8_t cla_ = 0;
    wire::octets control_before_, control_octets_;
    mo::control_file control_after_;
    wire::octet_view next_;
    std::uint16_t to_ = 0;
};

}  // namespace

wire::result<object_script> plan_object(const card_profile& p, const management_object_binding& object, const object_state& state,
                                        wire::octet_view next, const mo::message_count& messages) {
    if (object.mirror) return mo::dm_status::command_not_allowed;
    const auto* entry = entry_of(object, state.control);
    if (entry == nullptr || !p.objects_at) return mo::dm_status::not_found;
    if (next.size() != object.file.size) return mo::dm_status::size_mismatch;
    if (mo::confirms(*entry, next) && std::ranges::equal(state.image, next)) return object_script{.after = state.control};
    planner plan(p, object, state);
    if (object.spare) {
        const bool on_spare = entry->file == object.spare_identifier();
        plan.aim(entry->file, on_spare ? object.file_identifier() : object.spare_identifier(), next);
        return plan.in_turn(messages);
    }
    plan.aim(entry->file, entry->file, next);
    if (object.layout != object_layout::ber_tlv) return plan.in_place(messages);
    if (state.image.empty()) return mo::dm_status::not_executed;
    return plan.as_data_objects(messages);
}

std::optional<mo::control_entry> confirmed_entry(const management_object_binding& object, wire::octet_view control,
                                                 wire::octet_view image) {
    const auto file = mo::parse_control_file(control);
    if (!file) return std::nullopt;
    const auto* entry = entry_of(object, file.value());
    if (entry == nullptr || !mo::confirms(*entry, image)) return std::nullopt;
    return *entry;
}

}  // namespace ota
