#include "sandbox/device/dm_client_commands.hpp"

#include <algorithm>

namespace ota::sandbox {

namespace mo = management_object;
namespace syncml = management_object::dm;
using mo::dm_status;

namespace {

constexpr std::uint16_t code_of(dm_status s) { return static_cast<std::uint16_t>(s); }
constexpr bool failed(std::uint16_t code) { return code / 100 != 2; }

syncml::command status(std::uint32_t msg_ref, std::uint32_t cmd_ref, std::string_view cmd, std::uint16_t code,
                       std::string target = {}) {
    syncml::status out{.msg_ref = msg_ref, .cmd_ref = cmd_ref, .cmd = std::string(cmd), .code = code};
    if (!target.empty()) out.target_refs.push_back(std::move(target));
    return {std::move(out)};
}

std::string target_of(const syncml::item& i) { return i.target ? i.target->loc_uri : std::string(); }

std::string_view name_of(const syncml::group& g) { return g.atomic ? "Atomic" : "Sequence"; }

/// Status and, for a Get, Results of one item.
void answer(const syncml::operation& o, const syncml::item& i, dm_item_outcome done, const dm_commands::context& in,
            dm_answers& out) {
    const auto beyond = [&](const syncml::item& each) {
        return in.object != 0 && each.data.value_or("").size() > in.object;
    };
    if (std::ranges::any_of(done.read, beyond))  // [DM Protocol 1.2, 7] the server's MaxObjSize is respected
        done = {.code = code_of(dm_status::request_entity_too_large)};
    if (!o.no_resp) out.push_back(status(in.msg_ref, o.cmd_id, to_string(o.what), done.code, target_of(i)));
    if (!done.read.empty())
        out.push_back({syncml::results{.msg_ref = in.msg_ref, .cmd_ref = o.cmd_id, .items = std::move(done.read)}});
}

std::size_t size_of(const dm_answers& answers) {
    syncml::message m;
    m.body.assign(answers.begin(), answers.end());
    const auto text = syncml::serialize_xml(m);
    return text ? text.value().size() : 0;
}

/// What an Atomic holds, a Sequence within opened; nothing when it holds what it may not.
struct flat {
    std::vector<syncml::operation> operations;
    std::vector<std::pair<std::uint32_t, std::string>> sequences;
    bool sound = true;
};
void flatten(const syncml::group& g, flat& out) {
    for (const auto& each : g.commands) {
        if (const auto* o = std::get_if<syncml::operation>(&each.is)) {
            out.operations.push_back(*o);
            if (o->what == syncml::verb::get) out.sound = false;
        } else if (const auto* inner = std::get_if<syncml::group>(&each.is)) {
            out.sequences.emplace_back(inner->cmd_id, name_of(*inner));
            if (inner->atomic) out.sound = false;
            flatten(*inner, out);
        } else {
            out.sound = false;
        }
    }
}

}  // namespace

void dm_commands::refuse(const syncml::command& c, std::uint32_t msg_ref, std::uint16_t code, dm_answers& out) {
    if (const auto* a = std::get_if<syncml::alert>(&c.is)) out.push_back(status(msg_ref, a->cmd_id, "Alert", code));
    if (const auto* o = std::get_if<syncml::operation>(&c.is))
        out.push_back(status(msg_ref, o->cmd_id, to_string(o->what), code));
    if (const auto* u = std::get_if<syncml::unknown_command>(&c.is))
        out.push_back(status(msg_ref, u->cmd_id, u->name, code));
    if (const auto* g = std::get_if<syncml::group>(&c.is)) {
        out.push_back(status(msg_ref, g->cmd_id, name_of(*g), code));
        for (const auto& inner : g->commands) refuse(inner, msg_ref, code, out);
    }
}

/// [DM Protocol 1.2, 7.2] Something else came before the object was complete: nothing of it is kept.
void dm_commands::missing_end(dm_answers& out) {
    syncml::alert a{.code = 1225};
    a.items.push_back({.target = syncml::location{object_->address, {}}});
    out.push_back({std::move(a)});
    object_.reset();
}

std::optional<std::uint16_t> dm_commands::gather(const syncml::operation& o, syncml::item& i, dm_answers& out) {
    const bool next_piece = object_ && object_->what == o.what && object_->address == target_of(i);
    if (object_ && !next_piece) missing_end(out);
    if (!object_ && !i.more_data) {
        if (i.data.value_or("").size() > largest_) return code_of(dm_status::request_entity_too_large);
        return std::nullopt;
    }
    if (!object_) {
        const auto size = i.about && i.about->size ? i.about->size : (o.about ? o.about->size : std::nullopt);
        if (!size) return code_of(dm_status::incomplete_command);
        if (*size > largest_) return code_of(dm_status::request_entity_too_large);
        object_ = object{o.what, target_of(i), i, *size};
    } else {
        *object_->so_far.data += i.data.value_or("");
    }
    auto& data = object_->so_far.data;
    if (!data) data.emplace();
    if (data->size() > object_->size) {
        object_.reset();
        return code_of(dm_status::size_mismatch);
    }
    if (i.more_data) return code_of(dm_status::chunk_accepted);
    const bool complete = data->size() == object_->size;
    i = std::move(object_->so_far);
    i.more_data = false;
    object_.reset();
    if (!complete) return code_of(dm_status::size_mismatch);
    return std::nullopt;
}

void dm_commands::run_operation(const syncml::operation& o, const context& in, dm_answers& out) {
    for (auto item : o.items) {
        const auto target = target_of(item);
        if (const auto code = gather(o, item, out))
            out.push_back(status(in.msg_ref, o.cmd_id, to_string(o.what), *code, target));
        else
            answer(o, item, tree_.run(o, item, in.as), in, out);
    }
}

void dm_commands::run_sequence(const syncml::group& g, const context& in, dm_answers& out) {
    out.push_back(status(in.msg_ref, g.cmd_id, "Sequence", code_of(dm_status::ok)));
    for (const auto& inner : g.commands) run(inner, in, out);
}

/// All or nothing [DM RepPro 1.2, 6.6]: 507 and every command undone (216) or never begun (215), or all 200.
void dm_commands::run_atomic(const syncml::group& g, const context& in, dm_answers& out) {
    flat all;
    flatten(g, all);
    const auto before = tree_.remember();
    std::vector<std::uint16_t> codes;  // of operations; the first that fails is the last that runs
    bool good = all.sound, executed = false;
    for (const auto& o : all.operations) {
        if (!good) break;
        std::uint16_t code = code_of(dm_status::ok);
        for (const auto& item : o.items) {
            if (!failed(code))
                code = item.more_data ? code_of(dm_status::incomplete_command) : tree_.run(o, item, in.as).code;
        }
        good = !failed(code);
        executed |= good && o.what == syncml::verb::exec;
        codes.push_back(code);
    }
    const auto tell = [&](dm_status whole, bool undone, std::optional<std::uint16_t> inner_groups) {
        dm_answers answers{status(in.msg_ref, g.cmd_id, "Atomic", code_of(whole))};
        for (const auto& [id, name] : all.sequences)
            answers.push_back(status(in.msg_ref, id, name, inner_groups.value_or(code_of(dm_status::ok))));
        for (std::size_t i = 0; i < all.operations.size(); ++i) {
            const auto& o = all.operations[i];
            auto code = i < codes.size() ? codes[i] : code_of(dm_status::not_executed);
            // What an Exec started cannot be taken back.
            if (undone && !failed(code) && i < codes.size())
                code = code_of(o.what == syncml::verb::exec ? dm_status::atomic_roll_back_failed
                                                            : dm_status::atomic_roll_back_ok);
            // [6.6] No Get, no Atomic inside.
            if (!all.sound && o.what == syncml::verb::get) code = code_of(dm_status::command_failed);
            answers.push_back(status(in.msg_ref, o.cmd_id, to_string(o.what), code, target_of(o.items.front())));
        }
        return answers;
    };
    auto answers = tell(dm_status::ok, false, {});
    const bool too_large = good && size_of(answers) > in.room;
    if (!good || too_large) {
        tree_.go_back(before);
        const auto why = executed    ? dm_status::atomic_roll_back_failed
                         : too_large ? dm_status::atomic_response_too_large
                                     : dm_status::atomic_failed;
        answers = tell(why, true, code_of(all.sound ? dm_status::not_executed : dm_status::command_failed));
    }
    std::ranges::move(answers, std::back_inserter(out));
}

void dm_commands::run(const syncml::command& c, const context& in, dm_answers& out) {
    if (const auto* o = std::get_if<syncml::operation>(&c.is)) return run_operation(*o, in, out);
    if (std::holds_alternative<syncml::status>(c.is) || std::holds_alternative<syncml::results>(c.is)) return;
    if (const auto* a = std::get_if<syncml::alert>(&c.is)) {
        // 1222 asks for more, 1223 and 1225 tell; what a user would see (1100 to 1104) this device does not show.
        const bool known = a->code == 1222 || a->code == 1223 || a->code == 1225;
        const auto code = known ? dm_status::ok : dm_status::optional_feature_not_supported;
        out.push_back(status(in.msg_ref, a->cmd_id, "Alert", code_of(code)));
        return;
    }
    if (object_) missing_end(out);
    if (const auto* g = std::get_if<syncml::group>(&c.is))
        return g->atomic ? run_atomic(*g, in, out) : run_sequence(*g, in, out);
    const auto& u = std::get<syncml::unknown_command>(c.is);
    out.push_back(status(in.msg_ref, u.cmd_id, u.name, code_of(dm_status::command_not_implemented)));
}

}  // namespace ota::sandbox
