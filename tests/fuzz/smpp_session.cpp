#include "gateway/smpp/session.hpp"

#include <algorithm>
#include <cstdlib>
#include <set>

using namespace ota;
using namespace ota::smpp;

namespace {

/// Feeds one session the octets in pieces, between ticks, submits and answers, and checks that every submit is reported
/// once and that nothing comes after the end.
class exercise {
public:
    explicit exercise(role side) : machine_(settings(side)) {
        machine_.on_connected(now_, out_);
        if (side == role::esme) machine_.on_octets(serialize({0, 1, bind_resp{}}), now_, out_);
        look();
    }

    void step(std::uint8_t choice, wire::octet_view piece) {
        now_ += milliseconds(choice * 4);
        switch (choice & 7) {
            case 0: machine_.on_tick(now_, out_); break;
            case 1:
                if (machine_.submit(submit_sm{}, ++token_, now_, out_)) open_.insert(token_);
                break;
            case 2:
                if (machine_.deliver(deliver_sm{}, ++token_, now_, out_)) open_.insert(token_);
                break;
            case 3: machine_.answer(choice >> 3, status::ok, {}, true, out_); break;
            case 4: machine_.answer_bind((choice & 8) != 0 ? status::bind_failed : status::ok, "x", out_); break;
            default: machine_.on_octets(piece, now_, out_); break;
        }
        look();
    }

    void finish() {
        machine_.on_disconnected(out_);
        look();
        if (!open_.empty() || !ended_) std::abort();
    }

private:
    static session_settings settings(role side) {
        session_settings s;
        s.side = side;
        s.answer_within = milliseconds(500);
        s.open_requests = 8;
        s.window = 4;
        return s;
    }

    void look() {
        for (const auto& e : out_.events) {
            if (ended_) std::abort();
            if (const auto* a = std::get_if<answered>(&e); a != nullptr && open_.erase(a->token) != 1) std::abort();
            if (const auto* u = std::get_if<unanswered>(&e); u != nullptr && open_.erase(u->token) != 1) std::abort();
            if (std::holds_alternative<ended>(e)) ended_ = true;
        }
        out_.events.clear();
        out_.write.buffer().clear();
    }

    session machine_;
    actions out_;
    time_point now_{std::chrono::seconds(1000)};
    std::uint64_t token_ = 0;
    std::set<std::uint64_t> open_;
    bool ended_ = false;
};

}  // namespace

/// | role 1 | (choice 1 | length 1 | octets)... |
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* in, std::size_t size) {
    if (size == 0) return 0;
    exercise run((in[0] & 1) != 0 ? role::smsc : role::esme);
    for (std::size_t at = 1; at + 2 <= size;) {
        const auto choice = in[at];
        const auto length = std::min<std::size_t>(in[at + 1], size - at - 2);
        run.step(choice, {in + at + 2, length});
        at += 2 + length;
    }
    run.finish();
    return 0;
}
