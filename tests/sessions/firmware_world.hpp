#pragma once

#include "tests/sessions/session_world.hpp"

#include <fstream>
#include <iterator>

/// A card with an object that can be executed, and its device.
namespace ota::simulation {

inline constexpr auto update = "./FUMO/Update";
inline constexpr auto fumo_id = "urn:oma:mo:oma-fumo:1.0";

/// The sample profile with one object more: firmware update.
inline std::shared_ptr<card_profile> firmware_profile() {
    const auto file = std::string(OTA_SOURCE_DIR) + "/config/profiles/usim-aes-dm.yaml";
    std::ifstream in(file);
    std::string yaml{std::istreambuf_iterator<char>(in), {}};
    yaml.insert(
        yaml.find("        - uri: ./NAP"),
        "        - {uri: ./FUMO, label: Firmware, file: 6437, size: 256, ddf: ../management-objects/fumo.xml}\n");
    config::faults faults;
    profile_set read;
    const auto document = config::document::parse(yaml, file, faults);
    load_profiles(document.root().at("profiles"), read);
    for (const auto& f : faults.list()) ADD_FAILURE() << to_string(f);
    auto p = std::make_shared<card_profile>(*read.at("usim-aes-dm"));
    p->answer_timeout = seconds(60);
    p->validity = minutes(10);
    p->validity_margin = minutes(1);
    p->retry_backoff = seconds(5);
    return p;
}

inline constexpr auto firmware =
    R"(<MgmtTree xmlns="syncml:dmddf1.2"><VerDTD>1.2</VerDTD><Node><NodeName>FUMO</NodeName>
  <RTProperties><Format><node/></Format><Type><DDFName>urn:oma:mo:oma-fumo:1.0</DDFName></Type></RTProperties>
  <Node><NodeName>PkgName</NodeName><RTProperties><Format><chr/></Format><Type><MIME>text/plain</MIME></Type></RTProperties><Value>Phone 2.0</Value></Node>
  <Node><NodeName>Update</NodeName><RTProperties><Format><node/></Format><Type><DDFName/></Type></RTProperties></Node>
  <Node><NodeName>State</NodeName><RTProperties><Format><int/></Format><Type><MIME>text/plain</MIME></Type></RTProperties><Value>50</Value></Node>
</Node></MgmtTree>)";

struct firmware_world : session_world {
    explicit firmware_world(dm::table_settings limits = {})
        : session_world(calm(1, firmware_profile()), std::move(limits)) {
        provision(0, "subscriber-0", "secret-0");
        const auto id = change(queue::operation::replace, "./FUMO", firmware, 0,
                               [](queue::change_event& e) { e.type = "application/vnd.syncml.dmtnds+xml"; });
        EXPECT_TRUE(run(minutes(5)));
        EXPECT_EQ(state_of(id), "applied") << reason_of(id);
        auto knows = sandbox::every_object;
        knows.push_back(fumo_id);
        phone = std::make_unique<phone_in_world>(*this, 0, sandbox::phone_model(knows));
        EXPECT_EQ(call(*phone), "done");
        EXPECT_TRUE(phone->has(update));
    }
    std::string exec(const std::string& node = update, std::function<void(queue::change_event&)> more = {}) {
        const auto id = change(queue::operation::exec, node, {}, 0, std::move(more));
        wait();
        return id;
    }
    void wait(milliseconds time = minutes(2)) {
        const auto until = now + time;
        while (now < until) tick();
    }
    void report(const std::string& correlator, const std::string& code) {
        mo::dm::alert told{.code = 1226, .correlator = correlator};
        told.items.push_back(
            {.source = mo::dm::location{update, {}},
             .about = mo::dm::meta{.format = "int", .type = "org.openmobilealliance.dm.firmwareupdate.update"},
             .data = code});
        phone->phone.report(std::move(told));
    }
    std::unique_ptr<phone_in_world> phone;
};

}  // namespace ota::simulation
