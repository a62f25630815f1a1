#include "management-object/base64.hpp"
#include "management-object/xml.hpp"

namespace ota::management_object {
namespace {

void append_escaped(std::string& out, std::string_view text) {
    for (const char c : text) {
        switch (c) {
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '&': out += "&amp;"; break;
            case '\r': out += "&#13;"; break;  // a reader turns a plain CR into LF
            default: out += c;
        }
    }
}

class xml_writer {
public:
    explicit xml_writer(const xml_form& form) : form_(form), out_("<?xml version=\"1.0\" encoding=\"UTF-8\"?>") {
        if (!form.doctype.empty()) {
            line(0);
            out_ += "<!DOCTYPE ";
            out_ += form.doctype;
            out_ += '>';
        }
    }

    bool write(const element& e, std::string_view around, std::size_t depth) {
        line(depth);
        out_ += '<' + e.name;
        if (e.xmlns != around) {
            out_ += " xmlns=\"";
            append_escaped(out_, e.xmlns);
            out_ += '"';
        }
        if (e.children.empty() && e.text.empty()) return out_ += "/>", true;
        out_ += '>';
        if (e.opaque) {
            out_ += to_base64(e.text);
        } else {
            if (!is_xml_text(e.text)) return false;
            append_escaped(out_, e.text);
        }
        for (const auto& child : e.children) {
            if (!write(child, e.xmlns, depth + 1)) return false;
        }
        if (!e.children.empty()) line(depth);
        out_ += "</" + e.name + '>';
        return true;
    }

    std::string take() {
        if (form_.indented) out_ += '\n';
        return std::move(out_);
    }

private:
    void line(std::size_t depth) {
        if (form_.indented) out_.append("\n").append(depth * 2, ' ');
    }

    xml_form form_;
    std::string out_;
};

}  // namespace

wire::result<std::string> serialize_xml(const element& root, const xml_form& form) {
    xml_writer writer(form);
    if (!writer.write(root, {}, 0)) return document_errc::not_text;
    return writer.take();
}

}  // namespace ota::management_object
