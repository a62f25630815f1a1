#include "sandbox/device_models.hpp"

#include "sandbox/dice.hpp"
#include "sandbox/population.hpp"

#include <array>
#include <string>

namespace ota::sandbox {

namespace {

struct model {
    const char* type_allocation;  ///< the first digits of the IMEI [TS 23.003, 6.2]; 00: test equipment
    const char* maker;
    const char* name;
    const char* language;
    const char* software;
    bool mail;
};
constexpr std::array<model, 4> models{{
    {"00100010", "Example Devices", "Basic", "en", "03", false},
    {"00100021", "Example Devices", "Two", "en", "17", true},
    {"00100035", "Sample Phones", "Slate", "de", "02", true},
    {"00100047", "Sample Phones", "Folio", "fr", "11", true},
}};
constexpr std::uint64_t simple_ones = 8, model_stream = 0x6D6F64656C;
constexpr std::size_t serial_digits = 6;

}  // namespace

std::size_t device_model_count() noexcept { return models.size(); }

std::size_t model_of(std::uint64_t seed, std::size_t number) noexcept {
    dice thrown(seed ^ model_stream ^ number * 0x9E3779B97F4A7C15);
    const auto n = thrown.next();
    return n % simple_ones == 0 ? simple_model : 1 + n / simple_ones % (models.size() - 1);
}

device_model make_device(std::size_t which, std::size_t number) {
    const auto& m = models[which % models.size()];
    auto serial = std::to_string(number % 1'000'000);
    serial.insert(0, serial_digits - serial.size(), '0');
    device_model out{.imei = m.type_allocation + serial, .maker = m.maker, .model = m.name};
    out.imei += luhn_digit(out.imei);
    out.language = m.language;
    out.software_version = m.software;
    out.objects = {"urn:oma:mo:oma-dm-dmacc:1.0", "urn:oma:mo:oma-imps:1.0", "org.openmobilealliance/1.0/ConnMO",
                   "urn:oma:mo:oma-fumo:1.0"};
    if (m.mail)
        for (const auto* kind : {"Smtp", "Pop3", "Imap4"})
            out.objects.push_back(std::string("org.otagw/1.0/Email") + kind);
    return out;
}

}  // namespace ota::sandbox
