#include "tests/management-object/wbxml_judge.hpp"

#include "management-object/base64.hpp"

extern "C" {
#include <wbxml/wbxml.h>
}

#include <cstdlib>

namespace ota::management_object::judge {

std::optional<std::string> to_xml(wire::octet_view wbxml) {
    WBXMLConvWBXML2XML* conversion = nullptr;
    if (wbxml_conv_wbxml2xml_create(&conversion) != WBXML_OK) return std::nullopt;
    wbxml_conv_wbxml2xml_set_gen_type(conversion, WBXML_GEN_XML_COMPACT);
    wbxml_conv_wbxml2xml_enable_preserve_whitespaces(conversion);
    wire::octets copy(wbxml.begin(), wbxml.end());
    WB_UTINY* xml = nullptr;
    WB_ULONG length = 0;
    const auto outcome =
        wbxml_conv_wbxml2xml_run(conversion, copy.data(), static_cast<WB_ULONG>(copy.size()), &xml, &length);
    wbxml_conv_wbxml2xml_destroy(conversion);
    if (outcome != WBXML_OK) return std::nullopt;
    std::string out(reinterpret_cast<const char*>(xml), length);
    std::free(xml);
    return out;
}

std::optional<wire::octets> to_wbxml(const std::string& xml, bool string_table) {
    WBXMLConvXML2WBXML* conversion = nullptr;
    if (wbxml_conv_xml2wbxml_create(&conversion) != WBXML_OK) return std::nullopt;
    if (!string_table) wbxml_conv_xml2wbxml_disable_string_table(conversion);
    std::string copy = xml;
    WB_UTINY* wbxml = nullptr;
    WB_ULONG length = 0;
    const auto outcome = wbxml_conv_xml2wbxml_run(conversion, reinterpret_cast<WB_UTINY*>(copy.data()),
                                                  static_cast<WB_ULONG>(copy.size()), &wbxml, &length);
    wbxml_conv_xml2wbxml_destroy(conversion);
    if (outcome != WBXML_OK) return std::nullopt;
    wire::octets out(wbxml, wbxml + length);
    std::free(wbxml);
    return out;
}

element as_it_sees(element e) {
    if (e.opaque) e.text = to_base64(e.text);
    e.opaque = false;
    e.text = trimmed(e.text);
    for (auto& child : e.children) child = as_it_sees(std::move(child));
    return e;
}

}  // namespace ota::management_object::judge
