#include "bench/cat_tp_bench.hpp"

#include "bench/cat_tp_link_bench.hpp"
#include "bench/core_rate.hpp"
#include "secure-channel/cat_tp/pdu.hpp"

#include <stdexcept>

namespace ota::bench {

namespace {

using namespace ota::cat_tp;

constexpr std::size_t full_pdu = 1400;  ///< octets: what a card's buffer commonly holds

pdu with_data(std::size_t length) {
    traffic body;
    body.data.assign(length, 0x5A);
    return {.source_port = 0x1F90,
            .destination_port = 0x8001,
            .acknowledgement = 0x0A00,
            .window = 10,
            .body = std::move(body)};
}

/// PDUs written and read again.
double there_and_back(double seconds, pdu p) {
    return core_rate(seconds, [&](std::uint64_t n) {
        p.sequence = static_cast<std::uint16_t>(n);
        const auto datagram = serialize(p);
        if (!datagram) throw std::runtime_error("cat-tp bench: a PDU could not be written");
        const auto read = parse(datagram.value());
        if (!read || read.value().sequence != p.sequence)
            throw std::runtime_error("cat-tp bench: a PDU could not be read");
    });
}

}  // namespace

std::vector<figure> cat_tp_figures(double seconds) {
    const std::string unit = "PDUs/s";
    std::vector<figure> out;
    out.push_back({"cat-tp-pdus-1400-octets", there_and_back(seconds, with_data(full_pdu - least_header)), unit, ""});
    out.push_back({"cat-tp-pdus-ack", there_and_back(seconds, with_data(0)), unit, ""});
    auto links = cat_tp_link_figures(seconds);
    for (auto& each : links) out.push_back(std::move(each));
    return out;
}

}  // namespace ota::bench
