#include "gateway/object-tool/object_tool.hpp"

#include "gateway/object-tool/object_documents.hpp"
#include "gateway/object-tool/object_json.hpp"

#include <CLI/CLI.hpp>

#include <functional>
#include <istream>
#include <ostream>

namespace ota::object_tool {

namespace mo = management_object;

namespace {

struct encode_options {
    std::string file, layout = "slotted";
    std::optional<std::size_t> size;
    bool hex = false;
};

struct decode_options {
    std::string file;
    bool hex = false;
};

int tell(const complaint& c, std::ostream& err) {
    err << "otagw mo: " << c.text << '\n';
    return c.status;
}

int finish(std::ostream& out, std::ostream& err) {
    out.flush();
    return out ? good : tell({"the result could not be written"}, err);
}

mo::image_layout layout_named(std::string_view name) {
    if (name == "plain") return mo::image_layout::plain;
    return name == "ber-tlv" ? mo::image_layout::ber_tlv : mo::image_layout::slotted;
}

int run_encode(const encode_options& o, const streams& s) {
    if (s.terminal && !o.hex)
        return tell({"octets are not written to a terminal; send them to a file, or ask for --hex", wrong_usage},
                    s.err);
    const auto in = read_input(o.file, s.in);
    if (!in) return tell(in.error(), s.err);
    const auto octets = encode(in.value(), layout_named(o.layout), o.size);
    if (!octets) return tell(octets.error(), s.err);
    if (o.hex) {
        s.out << wire::to_hex(octets.value()) << '\n';
    } else {
        s.out << wire::as_text(octets.value());
    }
    return finish(s.out, s.err);
}

answered<std::string> decoded(const decode_options& o, std::istream& standard) {
    OTA_TRY(auto in, read_input(o.file, standard));
    if (o.hex) {
        OTA_TRY(in, from_hex(in));
    }
    OTA_TRY(const auto document, parse_image(in));
    if (document.nodes.empty()) return complaint{in.name + ": holds no object, nothing but padding"};
    auto xml = mo::serialize_tnds_xml(document);
    if (!xml) return complaint{in.name + ": " + xml.error().message()};
    return std::move(xml).value();
}

int run_decode(const decode_options& o, const streams& s) {
    const auto xml = decoded(o, s.in);
    if (!xml) return tell(xml.error(), s.err);
    s.out << xml.value();
    if (!xml.value().ends_with('\n')) s.out << '\n';
    return finish(s.out, s.err);
}

int run_patch(const patch_call& call, const streams& s) {
    const auto planned = perform(call, s.in);
    if (!planned) return tell(planned.error(), s.err);
    s.out << serialize_patch(planned.value()) << '\n';
    return finish(s.out, s.err);
}

void add_optional(CLI::App& app, const char* name, std::optional<std::string>& into, const char* description) {
    app.add_option_function<std::string>(
        name, [&into](const std::string& given) { into = given; }, description);
}

CLI::App* describe_encode(CLI::App& app, encode_options& o) {
    auto* command = app.add_subcommand("encode", "a TNDS document in XML as WBXML, to standard output");
    command->add_option("file", o.file, "TNDS document in XML; - for standard input")->required();
    command
        ->add_option(
            "--layout", o.layout,
            "slotted: every value has a slot with room to grow, so that a change patches few octets (slotted);\n"
            "plain: the shortest; ber-tlv: content of a BER-TLV file, an object for each value")
        ->check(CLI::IsMember({"slotted", "plain", "ber-tlv"}));
    command
        ->add_option_function<std::size_t>(
            "--size", [&o](std::size_t given) { o.size = given; },
            "make the whole file of a card, of so many octets: one object, padded with FF; a slotted\n"
            "layout that is too large gives up slack, then slots")
        ->check(CLI::Range(std::size_t{1}, std::size_t{32'767}));
    command->add_flag("--hex", o.hex, "write hexadecimal digits");
    command->footer(
        "Octets are written as they are, so that the output can be put on a card or piped on; never to a terminal.");
    return command;
}

CLI::App* describe_decode(CLI::App& app, decode_options& o) {
    auto* command = app.add_subcommand("decode", "WBXML or the file of a card as a TNDS document in XML");
    command
        ->add_option("file", o.file,
                     "WBXML, with padding or without, or content of a BER-TLV file; - for standard input")
        ->required();
    command->add_flag("--hex", o.hex, "the input is hexadecimal digits");
    return command;
}

CLI::App* describe_patch(CLI::App& app, patch_call& call) {
    auto* command =
        app.add_subcommand("patch", "what brings a card from one content of an object to the next, as a JSON object");
    command->add_option("old", call.old_file, "what the card holds: TNDS in XML, or the file as read from the card")
        ->required();
    command->add_option("new", call.new_file, "what it shall hold, likewise")->required();
    command->add_option("--profile", call.profile, "kind of card")->required();
    add_optional(*command, "--profiles", call.profiles_file,
                 "file that has the profile (config/profiles/PROFILE.yaml)");
    add_optional(*command, "--uri", call.uri, "the object, such as ./IMPS, when the documents do not say");
    add_optional(*command, "--spare", call.spare_file,
                 "of an object with two files: what the one that is not in use holds (nothing, as on a new card)");
    command
        ->add_option_function<unsigned>(
            "--mac-length", [&call](unsigned given) { call.mac_length = static_cast<std::uint8_t>(given); },
            "octets of a cryptographic checksum: 4 or 8 (8)")
        ->check(CLI::IsMember({4u, 8u}));
    command->footer(
        "Prints "
        "{\"profile\",\"object\",\"tar\",\"layout\",\"way\",\"slack\",\"ranges\":[{\"file\",\"offset\",\"length\"}],\n"
        "\"packets\":[{\"script\",\"octets\",\"sms\"}],\"octets\",\"sms\",\"rewrite\":{..}}: the ranges of each file "
        "in the\n"
        "order in which they are written, the control file last; the script of each packet in hexadecimal, as `otagw\n"
        "packet seal --data` takes it; and ranges, packets, octets and SMS of writing the whole object anew.\n"
        "way: patch, pair, data-objects (of a BER-TLV file). slack: false when the "
        "file is\n"
        "too small for a slotted layout of NEW; then a value that grows takes many SMS: give the object a larger "
        "file.\n"
        "The control file is that of a card that was made by the profile and holds OLD. OLD or NEW of nothing but FF "
        "octets\n"
        "is a card without the object. A script holds values of the object: keep it where you keep these.");
    return command;
}

}  // namespace

int run(const std::vector<std::string>& arguments, const streams& s) {
    CLI::App app("Management objects as the files of cards: TNDS in XML to WBXML and back, and the cost of a change.",
                 "otagw mo");
    app.require_subcommand(1);
    encode_options encoding;
    decode_options decoding;
    patch_call patching;
    const auto* encode_command = describe_encode(app, encoding);
    const auto* decode_command = describe_decode(app, decoding);
    describe_patch(app, patching);
    app.footer(
        "Exit status: 0 good; 1 failed, such as a document that cannot be read; 2 wrong usage; 78 faults in the "
        "profiles.");

    try {
        app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
    } catch (const CLI::ParseError& e) {
        return app.exit(e, s.out, s.err) == 0 ? good : wrong_usage;
    }
    if (encode_command->parsed()) return run_encode(encoding, s);
    if (decode_command->parsed()) return run_decode(decoding, s);
    return run_patch(patching, s);
}

}  // namespace ota::object_tool
