#pragma once

#include "gateway/http/tls.hpp"
#include "tests/http/curl.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <stdexcept>
#include <string>

namespace ota::http::testing {

/// Certificates that openssl makes, in a folder that goes with this.
class certificates {
public:
    certificates() { std::filesystem::create_directories(folder_); }
    ~certificates() { std::filesystem::remove_all(folder_); }
    certificates(const certificates&) = delete;
    certificates& operator=(const certificates&) = delete;

    /// Signed by itself, for localhost: NAME.pem and NAME.key.
    tls_files make(const std::string& name, const std::string& organisation = "otagw") {
        const auto at = folder_ + "/" + name;
        run("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj '/O=" + organisation +
            "/CN=" + name + "' -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout " + at + ".key -out " + at +
            ".pem");
        ::chmod((at + ".key").c_str(), 0600);
        return {at + ".pem", at + ".key", ""};
    }
    [[nodiscard]] const std::string& folder() const noexcept { return folder_; }

private:
    static void run(const std::string& command) {
        const auto said = printed_by(command + " && echo done");
        if (!said.ends_with("done\n")) throw std::runtime_error(said);
    }
    const std::string folder_ =
        (std::filesystem::temp_directory_path() / ("otagw-certificates-" + std::to_string(::getpid()))).string();
};

}  // namespace ota::http::testing
