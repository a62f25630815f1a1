#include "gateway/dm/dispatch.hpp"

#include "management-object/dm_status.hpp"

#include <algorithm>
#include <limits>

namespace ota::dm {
namespace {

namespace mo = management_object;
namespace syncml = management_object::dm;
using mo::dm_status;

constexpr std::uint16_t code_of(dm_status s) { return static_cast<std::uint16_t>(s); }

std::size_t octets_of(const mo::element& e) {
    std::size_t sum = sizeof(e) + e.text.size();
    for (const auto& child : e.children) sum += octets_of(child);
    return sum;
}

std::uint32_t highest_id(const std::vector<syncml::command>& commands) {
    std::uint32_t highest = 0;
    for (const auto& each : commands) {
        std::visit([&](const auto& c) { highest = std::max(highest, c.cmd_id); }, each.is);
        if (const auto* group = std::get_if<syncml::group>(&each.is))
            highest = std::max(highest, highest_id(group->commands));
    }
    return highest;
}

wire::result<syncml::item> item_of(const step& s, syncml::encoding as) {
    const bool carries = s.what == syncml::verb::add || s.what == syncml::verb::replace || s.what == syncml::verb::exec;
    if (carries && s.tree) return syncml::tnds_item(s.target, *s.tree, as);
    if (carries && s.value) return syncml::value_item(s.target, s.format, s.type, *s.value, as);
    syncml::item out{.target = syncml::location{s.target, {}}};
    if (s.what == syncml::verb::copy) out.source = syncml::location{s.source, {}};
    if (s.what == syncml::verb::add) out.about = syncml::meta{.format = "node"};
    return out;
}

syncml::operation command_of(const step& s, syncml::item item, std::uint32_t cmd_id) {
    return {.what = s.what, .cmd_id = cmd_id, .correlator = s.correlator, .items = {std::move(item)}};
}

/// The order as one command; numbers from `cmd_id` on.
wire::result<syncml::command> compiled(const order& o, syncml::encoding as, std::uint32_t cmd_id, std::size_t largest) {
    std::vector<syncml::command> commands;
    const bool grouped = o.as != grouping::single;
    auto next = cmd_id + (grouped ? 1 : 0);
    for (const auto& s : o.steps) {
        OTA_TRY(auto item, item_of(s, as));
        if (largest != 0 && item.data.value_or("").size() > largest) return dm_status::request_entity_too_large;
        commands.push_back({command_of(s, std::move(item), next++)});
    }
    if (!grouped) return std::move(commands.front());
    return syncml::command{
        syncml::group{.atomic = o.as == grouping::atomic, .cmd_id = cmd_id, .commands = std::move(commands)}};
}

std::size_t address_size(const syncml::item& i) {
    const auto size = [](const std::optional<syncml::location>& l) {
        return l ? l->loc_uri.size() + l->loc_name.size() : 0;
    };
    // Neither is an item of no data nothing, nor is one that came as elements.
    return sizeof(syncml::item) + size(i.target) + size(i.source) + (i.tree ? octets_of(*i.tree) : 0);
}

/// The longest piece of at most n octets that does not cut a character of a text.
std::string piece_of(const syncml::item& whole, std::size_t from, std::size_t n) {
    const auto& data = *whole.data;
    n = std::min(n, data.size() - from);
    const auto cuts = [&] {
        return from + n < data.size() && (static_cast<unsigned char>(data[from + n]) & 0xC0) == 0x80;
    };
    while (!whole.opaque && n > 0 && cuts()) --n;
    return data.substr(from, n);
}

}  // namespace

std::size_t size_of(const syncml::message& m, syncml::encoding as) {
    if (as == syncml::encoding::wbxml) {
        const auto octets = syncml::serialize_wbxml(m);
        return octets ? octets.value().size() : std::numeric_limits<std::size_t>::max();
    }
    const auto text = syncml::serialize_xml(m);
    return text ? text.value().size() : std::numeric_limits<std::size_t>::max();
}

void dispatch::queue(order o) { waiting_.push_back(std::move(o)); }

void dispatch::remember(const syncml::message& m, order o) {
    const auto which = sent_.size();
    const auto& last = m.body.back().is;
    if (const auto* group = std::get_if<syncml::group>(&last)) {
        references_[{m.hdr.msg_id, group->cmd_id}] = {which, std::nullopt};
        for (std::size_t i = 0; i < o.steps.size(); ++i)
            references_[{m.hdr.msg_id, group->cmd_id + 1 + static_cast<std::uint32_t>(i)}] = {which, i};
    } else {
        references_[{m.hdr.msg_id, std::get<syncml::operation>(last).cmd_id}] = {which, 0};
    }
    under_way going{.answer = {.id = o.id, .steps = std::vector<step_answer>(o.steps.size())}};
    going.what = std::move(o);
    sent_.push_back(std::move(going));
}

dispatch::fit dispatch::put(syncml::message& m, const room& in, const order& o) {
    const bool sound = o.as == grouping::single ? o.steps.size() == 1 : !o.steps.empty();
    auto command = sound ? compiled(o, in.as, highest_id(m.body) + 1, in.object)
                         : wire::result<syncml::command>(dm_status::bad_request);
    if (!command) return fit::never;
    m.body.push_back(std::move(command).value());
    if (size_of(m, in.as) <= in.octets) return fit::yes;
    m.body.pop_back();
    return fit::no;
}

bool dispatch::put_chunk(syncml::message& m, const room& in) {
    auto& o = *sending_;
    const auto& s = sent_[o.which].what.steps.front();
    const auto all = o.whole.data->size();
    auto piece = o.whole;
    if (o.gone == 0) {
        piece.about->size = static_cast<std::uint32_t>(all);
    }
    m.body.push_back({command_of(s, {}, highest_id(m.body) + 1)});
    auto& command = std::get<syncml::operation>(m.body.back().is);
    const auto hold = [&](std::size_t n) {
        piece.data = piece_of(o.whole, o.gone, n);
        piece.more_data = o.gone + piece.data->size() < all;
        command.items = {piece};
        return size_of(m, in.as) <= in.octets;
    };
    // How much longer the data become in the message is only known of the message: the longest piece is searched for.
    std::size_t fits = 0, beyond = std::min(all - o.gone, in.octets) + 1;
    while (beyond - fits > 1) {
        const auto n = beyond - fits > 2 ? fits + (beyond - fits) / 2 : fits + 1;
        (hold(n) ? fits : beyond) = n;
    }
    if (fits == 0 || !hold(fits) || piece.data->empty()) {
        m.body.pop_back();
        return false;
    }
    references_[{m.hdr.msg_id, command.cmd_id}] = {o.which, 0};
    ++tally_.chunks_sent;
    o.gone += piece.data->size();
    m.final = !piece.more_data;
    if (m.final) sending_.reset();
    return true;
}

void dispatch::fill(syncml::message& m, const room& in, std::vector<order_answer>& lost) {
    const auto lose = [&](const order& o, dm_status why) {
        lost.push_back({o.id, code_of(why), std::vector<step_answer>(o.steps.size())});
    };
    m.final = true;
    if (sending_) {
        if (put_chunk(m, in)) return;
        if (in.next_is_larger) {
            m.final = false;
            return;
        }
        set_code({sending_->which, 0}, code_of(dm_status::request_entity_too_large));
        sending_.reset();
    }
    for (std::size_t put_in = 0; !waiting_.empty() && put_in < in.commands;) {
        const auto fits = put(m, in, waiting_.front());
        if (fits == fit::no && put_in > 0) return;  // in the next package
        auto o = std::move(waiting_.front());
        waiting_.pop_front();
        if (fits == fit::yes) {
            remember(m, std::move(o));
            ++put_in;
            continue;
        }
        auto whole =
            fits == fit::no ? item_of(o.steps.front(), in.as) : wire::result<syncml::item>(dm_status::bad_request);
        if (fits == fit::never) {
            const bool sound = !o.steps.empty() && compiled(o, in.as, 1, 0).has_value();
            lose(o, sound ? dm_status::request_entity_too_large : dm_status::bad_request);
        } else {
            const bool can_be_cut = o.as == grouping::single && whole && !whole.value().data.value_or("").empty();
            if (can_be_cut) {
                sent_.push_back({o, {.id = o.id, .steps = std::vector<step_answer>(1)}});
                sending_ = object{sent_.size() - 1, std::move(whole).value(), 0};
                if (put_chunk(m, in)) return;
                sending_.reset();
                sent_.pop_back();
            }
            if (in.next_is_larger) {
                waiting_.push_front(std::move(o));
                m.final = false;
                return;
            }
            lose(o, dm_status::request_entity_too_large);  // [DM Protocol 1.2, 6] a group fits into one message
        }
    }
}

void dispatch::set_code(const reference& to, std::uint16_t code) {
    auto& answer = sent_[to.which].answer;
    if (to.step) answer.steps[*to.step].code = code;
    if (!to.step || sent_[to.which].what.as == grouping::single) answer.code = code;
}

bool dispatch::on_status(const syncml::status& s) {
    const auto found = references_.find({s.msg_ref, s.cmd_ref});
    if (found == references_.end()) return false;
    if (s.code == code_of(dm_status::chunk_accepted)) return true;
    if (sending_ && sending_->which == found->second.which) sending_.reset();  // not wanted any more
    set_code(found->second, s.code);
    return true;
}

std::uint16_t dispatch::on_results(syncml::results r, std::uint32_t msg_ref_unless_told) {
    const auto key = std::pair{r.msg_ref.value_or(msg_ref_unless_told), r.cmd_ref};
    const auto found = references_.find(key);
    if (found == references_.end() || !found->second.step) return code_of(dm_status::not_found);
    auto& answer = sent_[found->second.which].answer.steps[*found->second.step];
    for (auto& item : r.items) {
        const auto whose = std::to_string(key.first) + '/' + std::to_string(key.second);
        if (reading_.interrupted_by(whose)) ++tally_.interrupted_objects;
        if (item.more_data) ++tally_.chunks_received;
        const auto outcome = reading_.take(whose, item, r.about);
        if (outcome == object_buffer::outcome::more) return code_of(dm_status::chunk_accepted);
        if (outcome != object_buffer::outcome::whole) {
            const bool mismatch = outcome == object_buffer::outcome::mismatch;
            ++(mismatch ? tally_.size_mismatches : tally_.results_refused);
            const auto code = code_of(mismatch ? dm_status::size_mismatch : dm_status::request_entity_too_large);
            set_code(found->second, code);
            return code;
        }
        read_ += item.data.value_or("").size() + address_size(item);
        if (read_ > most_) {  // nothing keeps a device from sending Results for the same Get again and again
            ++tally_.results_refused;
            set_code(found->second, code_of(dm_status::request_entity_too_large));
            return code_of(dm_status::request_entity_too_large);
        }
        if (!item.about) item.about = r.about;
        if (!item.source && !r.source_ref.empty()) item.source = syncml::location{r.source_ref, {}};
        answer.items.push_back(std::move(item));
    }
    return code_of(dm_status::ok);
}

void dispatch::on_interrupted() {
    ++tally_.interrupted_objects;
    if (!sending_) return;
    set_code({sending_->which, 0}, code_of(dm_status::incomplete_command));
    sending_.reset();
}

std::vector<order_answer> dispatch::close_package() {
    std::vector<order_answer> out;
    if (reading_.open()) {  // the last object that the device began has no end
        ++tally_.interrupted_objects;
        reading_.give_up();
    }
    for (auto& each : sent_) {
        for (std::size_t i = 0; i < each.what.steps.size(); ++i) {
            // A Get that succeeded without Results read nothing.
            auto& s = each.answer.steps[i];
            const bool read = each.what.steps[i].what == syncml::verb::get && s.code == code_of(dm_status::ok);
            if (!read || !s.items.empty()) continue;
            s.code = code_of(dm_status::incomplete_command);
            if (each.what.as == grouping::single) each.answer.code = s.code;
        }
        out.push_back(std::move(each.answer));
    }
    sent_.clear();
    references_.clear();
    sending_.reset();
    read_ = 0;
    return out;
}

void dispatch::send_again(std::uint32_t refused) {
    std::vector<bool> again(sent_.size(), true);
    for (const auto& [at, of] : references_) again[of.which] = again[of.which] && at.first == refused;
    for (std::size_t i = 0; i < sent_.size(); ++i) {
        const auto& answer = sent_[i].answer;
        const bool answered =
            answer.code != 0 || std::ranges::any_of(answer.steps, [](const step_answer& s) { return s.code != 0; });
        again[i] = (again[i] && !answered) || (sending_ && sending_->which == i);
    }
    std::vector<under_way> kept;
    std::vector<std::size_t> place(sent_.size());
    for (std::size_t i = 0; i < sent_.size(); ++i) {
        place[i] = kept.size();
        if (!again[i]) kept.push_back(std::move(sent_[i]));
    }
    for (auto i = sent_.size(); i-- > 0;) {
        if (again[i]) waiting_.push_front(std::move(sent_[i].what));
    }
    std::erase_if(references_, [&](const auto& each) { return again[each.second.which]; });
    for (auto& [at, of] : references_) of.which = place[of.which];
    sent_ = std::move(kept);
    sending_.reset();
}

}  // namespace ota::dm
