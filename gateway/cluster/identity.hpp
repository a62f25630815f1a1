#pragma once

#include "gateway/store/lock_file.hpp"

namespace ota::cluster {

/// Who this process is to the others: a random name, kept in the data directory, so that a gateway that was killed goes
/// on at once with what it held. No two processes have it at a time: the file beside it is locked.
class identity {
public:
    /// `locked`: another process on this data directory has this number. `io`: the files cannot be written.
    [[nodiscard]] static wire::result<identity> take(const std::string& data_directory, std::uint16_t instance,
                                                     const std::function<void(std::span<std::uint8_t>)>& random);
    [[nodiscard]] const std::string& name() const noexcept { return name_; }

private:
    store::lock_file lock_;
    std::string name_;
};

}  // namespace ota::cluster
