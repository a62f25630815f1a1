#include "sandbox/uicc/script_runner.hpp"

#include "sandbox/uicc/push_order.hpp"
#include "sandbox/uicc/status_word.hpp"

#include <algorithm>

namespace ota::sandbox {

namespace sc = secure_channel;

namespace {

constexpr std::uint16_t bad_format_length = 0x9002;  ///< error TLV 90, value 02 [TS 102 226, 5.2.2]
constexpr std::uint8_t uicc_class = 0x00;            ///< of the applications that extend their commands by PUSH
constexpr std::size_t compact_overhead = 3;          ///< number of commands, status word
constexpr std::size_t expanded_overhead = 8;         ///< AB len 80 01 NN, and lengths that grow
constexpr std::size_t answer_overhead = 5;           ///< 23 len, status word

/// Warnings are no errors: the script goes on after them.
bool goes_on(std::uint16_t sw) noexcept { return sc::is_success(sw) || sw >> 8 == 0x62 || sw >> 8 == 0x63; }

command_trace trace_of(wire::octet_view command, std::uint16_t sw) {
    command_trace out;
    std::copy_n(command.begin(), std::min(command.size(), out.header.size()), out.header.begin());
    out.sw = sw;
    return out;
}

/// The answers as they go into the proof of receipt.
class answer_sheet {
public:
    answer_sheet(sc::script_format format, std::size_t limit) : format_(format), limit_(limit) {}

    /// false: the answers are full, and the rest of the script does not run.
    bool add(apdu_answer answer) {
        ++sheet_.executed;
        const bool fits = format_ == sc::script_format::compact ? set_last(answer) : append(answer);
        return fits;
    }
    void fail(std::uint16_t error) {
        if (format_ == sc::script_format::compact) {
            sheet_.executed = 1;
            sheet_.answers = {{status_word::wrong_length, {}}};
        } else {
            sheet_.error = error;
        }
    }
    [[nodiscard]] wire::octets serialize() const {
        auto out = sc::serialize_script_answer(sheet_, format_);
        return out ? std::move(out).value() : wire::octets{};
    }

private:
    bool set_last(apdu_answer& answer) {
        const auto room = limit_ > compact_overhead ? limit_ - compact_overhead : 0;
        const bool fits = answer.data.size() <= room;
        if (!fits)
            answer = {status_word::answer_truncated,
                      wire::octets(answer.data.begin(), answer.data.begin() + static_cast<std::ptrdiff_t>(room))};
        sheet_.answers.resize(1);
        sheet_.answers[0] = {answer.sw, std::move(answer.data)};
        return fits;
    }
    bool append(apdu_answer& answer) {
        const auto used = used_ + answer_overhead + answer.data.size();
        const bool fits = used + expanded_overhead <= limit_;
        if (!fits) {
            const auto taken = used_ + answer_overhead + expanded_overhead;
            answer.data.resize(limit_ > taken ? limit_ - taken : 0);
            answer.sw = status_word::answer_truncated;
        }
        used_ = used;
        sheet_.answers.push_back({answer.sw, std::move(answer.data)});
        return fits;
    }

    sc::script_format format_;
    std::size_t limit_;
    std::size_t used_ = 0;
    sc::script_answer sheet_;
};

}  // namespace

script_run run_script(const card_model& model, const application_model& application, file_store& store,
                      std::string_view iccid, wire::octet_view script, const script_limits& limits,
                      push_taker* pushes) {
    script_run out;
    answer_sheet sheet(application.format, limits.answer);
    const auto commands = sc::parse_script(script, application.format);
    if (!commands) {
        sheet.fail(bad_format_length);
        out.answer = sheet.serialize();
        return out;
    }
    out.commands = commands.value().size();
    out.ran.reserve(out.commands);
    file_session session(model, application, store, iccid);
    for (const auto& command : commands.value()) {
        if (limits.power_cut_after && out.ran.size() >= *limits.power_cut_after) {
            out.torn = true;
            break;
        }
        const auto read = read_apdu(command);
        const bool push = pushes != nullptr && is_push(read) && application.class_octet == uicc_class;
        auto answer = push ? pushes->on_push(read) : session.execute(read);
        const auto sw = answer.sw;
        out.ran.push_back(trace_of(command, sw));
        if (!sheet.add(std::move(answer)) || !goes_on(sw)) break;
    }
    out.touched = session.touched();
    if (!out.torn) out.answer = sheet.serialize();
    return out;
}

}  // namespace ota::sandbox
