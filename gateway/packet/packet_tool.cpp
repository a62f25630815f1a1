#include "gateway/packet/packet_tool.hpp"

#include "gateway/packet/packet_json.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <istream>
#include <ostream>

namespace ota::packet_tool {

namespace {

constexpr int good = 0;
constexpr int failed = 1;
constexpr int wrong_usage = 2;

/// The options of one subcommand, bound to its call.
class subcommand {
public:
    subcommand(CLI::App& parent, const char* name, const char* description, action what)
        : app_(parent.add_subcommand(name, description)) {
        call_.what = what;
    }

    CLI::Option* text(const char* name, std::optional<std::string>& into, const char* description) {
        return app_->add_option_function<std::string>(
            name, [&into](const std::string& given) { into = given; }, description);
    }
    void framing() {
        app_->add_option_function<std::string>(
                "--framing", [this](const std::string& given) { call_.framing = *framing_of(given); },
                "of the bearer: sms (default); data for CAT_TP and TCP, from CPI or RPI on; data-without-identifier "
                "for a check\n"
                "that leaves CPI or RPI out")
            ->check(CLI::IsMember({"sms", "data", "data-without-identifier"}));
    }
    void keys() {
        text("--kic-key", call_.kic_key, "key of KIc, for ciphering");
        text("--kid-key", call_.kid_key, "key of KID, for the cryptographic checksum");
        app_->add_option_function<unsigned>(
                "--mac-length", [this](unsigned given) { call_.mac_length = given; },
                "octets of a cryptographic checksum: 4 or 8 (8, or what the packet opened has)")
            ->check(CLI::IsMember({4u, 8u}));
    }

    CLI::App* app_;
    packet_call call_;
};

int perform_and_print(const packet_call& call, std::ostream& out, std::ostream& err) {
    const auto o = perform(call);
    if (const auto* refused = std::get_if<refusal>(&o)) {
        err << "otagw packet: " << refused->text << '\n';
        return refused->usage ? wrong_usage : failed;
    }
    if (const auto* packet = std::get_if<sealed>(&o)) {
        out << wire::to_hex(packet->packet) << '\n';
    } else {
        out << serialize_outcome(o) << '\n';
    }
    return is_good(o) ? good : failed;
}

int batch(std::istream& in, std::ostream& out) {
    std::string line;
    while (std::getline(in, line)) {
        if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
        const auto parsed = parse_call(line);
        const auto* call = std::get_if<packet_call>(&parsed);
        out << serialize_outcome(call ? perform(*call) : outcome(std::get<refusal>(parsed))) << '\n';
        // A program at the other end of a pipe may wait for this answer before it asks again.
        if (in.rdbuf()->in_avail() <= 0) out.flush();
    }
    out.flush();
    return out ? good : failed;
}

}  // namespace

int run(const std::vector<std::string>& arguments, std::istream& in, std::ostream& out, std::ostream& err) {
    CLI::App app("Secured packets of TS 102 225 and PDUs of CAT_TP, by hand. All values in hexadecimal.",
                 "otagw packet");
    app.require_subcommand(1);

    subcommand seal(app, "seal", "make a command packet; prints it, over SMS from CPL on", action::seal);
    seal.text("--spi", seal.call_.spi, "SPI, 2 octets, such as 1619")->required();
    seal.text("--kic", seal.call_.kic, "KIc, 1 octet: key version and algorithm, such as 15")->required();
    seal.text("--kid", seal.call_.kid, "KID, 1 octet")->required();
    seal.text("--tar", seal.call_.tar, "toolkit application reference, 3 octets")->required();
    seal.text("--cntr", seal.call_.cntr, "counter, 5 octets")->required();
    seal.text("--data", seal.call_.data, "secured data (none if left out)");
    seal.keys();
    seal.framing();

    subcommand open(app, "open",
                    "open a command packet; prints a JSON object, without keys of what stands in the clear",
                    action::open);
    open.keys();
    open.framing();
    open.app_
        ->add_option("hex", open.call_.hex,
                     "the packet, over SMS from CPL on; or the user data of each part, from the UDH on")
        ->required();

    subcommand response(app, "open-response", "open a response packet; prints a JSON object", action::open_response);
    response.text("--spi2", response.call_.spi2,
                  "second octet of the command's SPI (if left out, RHL and trial decide)");
    response.text("--kic", response.call_.kic, "KIc of the command");
    response.text("--kid", response.call_.kid, "KID of the command");
    response.keys();
    response.framing();
    response.app_->add_option("hex", response.call_.hex, "user data from the UDH on, of each part; or one SDU")
        ->required();

    subcommand cat_tp(app, "decode-cat-tp", "read a CAT_TP PDU of TS 102 127; prints a JSON object",
                      action::decode_cat_tp);
    cat_tp.app_->add_option("hex", cat_tp.call_.hex, "the PDU: what one UDP datagram carries")->required()->expected(1);

    auto* many = app.add_subcommand("batch", "answer calls on standard input, a JSON object a line");
    many->footer(
        "A call: "
        "{\"do\":\"seal\",\"spi\":\"1619\",\"kic\":\"15\",\"kid\":\"15\",\"kic_key\":\"..\",\"kid_key\":\"..\",\n"
        "\"tar\":\"b00010\",\"cntr\":\"0000000001\",\"mac_length\":8,\"framing\":\"sms\",\"data\":\"..\"}, or "
        "\"do\":\"open\",\n"
        "\"open-response\" or \"decode-cat-tp\" with \"hex\" (an array for several parts). Every line is answered by a "
        "line:\n"
        "{\"packet\":\"..\"}, the object that the command prints, or {\"error\":\"..\"}.");
    app.footer("Exit status: 0 good; 1 failed, also when a check does not hold or keys are missing; 2 wrong usage.");

    try {
        app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
    } catch (const CLI::ParseError& e) {
        return app.exit(e, out, err) == 0 ? good : wrong_usage;
    }
    if (seal.app_->parsed()) return perform_and_print(seal.call_, out, err);
    if (open.app_->parsed()) return perform_and_print(open.call_, out, err);
    if (response.app_->parsed()) return perform_and_print(response.call_, out, err);
    if (cat_tp.app_->parsed()) return perform_and_print(cat_tp.call_, out, err);
    return batch(in, out);
}

}  // namespace ota::packet_tool
