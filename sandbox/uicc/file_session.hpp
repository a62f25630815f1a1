#pragma once

#include "sandbox/uicc/apdu.hpp"
#include "sandbox/uicc/card_files.hpp"
#include "sandbox/uicc/card_model.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace ota::sandbox {

struct apdu_answer {
    std::uint16_t sw = 0;
    wire::octets data;
};

/// Who sends the commands. Files are updated and managed over the air only (ADM), but for those that the terminal keeps
/// too.
enum class sender : std::uint8_t { over_the_air, terminal };

/// One script's run on the file system of one card: what is selected, what waits for GET RESPONSE [TS 102 221, 11.1].
class file_session {
public:
    file_session(const card_model&, const application_model&, file_store&, std::string_view iccid,
                 sender = sender::over_the_air);

    [[nodiscard]] apdu_answer execute(const apdu&);
    /// Keeps an answer for GET RESPONSE.
    [[nodiscard]] apdu_answer hold(wire::octets answer);
    /// Who holds the card has shown his PIN; for the terminal's sessions.
    void on_pin(bool verified) noexcept { pin_verified_ = verified; }
    /// Slots written so far, each once.
    [[nodiscard]] const std::vector<slot_id>& touched() const noexcept { return touched_; }

private:
    apdu_answer dispatch(const apdu&);
    apdu_answer select(const apdu&);
    apdu_answer status(const apdu&);
    apdu_answer get_response(const apdu&);
    apdu_answer read_binary(const apdu&);
    apdu_answer update_binary(const apdu&);
    apdu_answer read_record(const apdu&);
    apdu_answer update_record(const apdu&);
    apdu_answer set_activation(const apdu&, bool active);
    apdu_answer create_file(const apdu&);
    apdu_answer delete_file(const apdu&);
    apdu_answer resize_file(const apdu&);
    apdu_answer set_data(const apdu&);
    apdu_answer set_object(wire::octet_view object);
    apdu_answer retrieve_data(const apdu&);
    apdu_answer next_of_object(std::size_t most);

    [[nodiscard]] std::optional<file_id> by_identifier(std::uint16_t) const;
    [[nodiscard]] std::optional<file_id> by_path(wire::octet_view, file_id from) const;
    [[nodiscard]] std::optional<file_id> by_application(wire::octet_view name, std::uint8_t occurrence) const;
    /// That child, or the parent when none is named; directories only.
    [[nodiscard]] std::optional<file_id> directory_by(std::optional<std::uint16_t> child) const;
    [[nodiscard]] std::optional<file_id> search(const apdu&, wire::octet_view name) const;
    [[nodiscard]] apdu_answer selected(file_id, bool wants_answer);
    [[nodiscard]] wire::octets control_parameters(file_id) const;
    [[nodiscard]] wire::octets access_rules(file_id) const;
    [[nodiscard]] wire::octets sim_parameters(file_id) const;
    [[nodiscard]] file_id application_above(file_id) const;

    /// Nothing when the current file may be read (or written) so; the status word otherwise.
    [[nodiscard]] std::optional<std::uint16_t> refusal(file_structure, bool to_write) const;
    [[nodiscard]] std::optional<std::uint8_t> record_meant(const apdu&);
    /// The file of the current directory that may be managed so; the status word otherwise.
    [[nodiscard]] std::optional<std::uint16_t> refusal_to_manage(std::optional<file_id>) const;
    void write(slot_id, std::size_t offset, wire::octet_view);
    void touch(slot_id);
    [[nodiscard]] bool sim() const noexcept { return application_.class_octet == 0xA0; }

    const card_model& model_;
    const application_model& application_;
    card_files files_;
    sender sender_;
    file_id directory_;
    std::optional<file_id> file_;
    bool pin_verified_ = false;
    std::uint8_t record_ = 0;  ///< record pointer; 0: not set
    wire::octets waiting_;     ///< for GET RESPONSE
    wire::octets object_;      ///< of a BER-TLV file: what SET DATA brought so far, or RETRIEVE DATA has not yet told
    std::vector<slot_id> touched_;
};

}  // namespace ota::sandbox
