#pragma once

#include "tests/system/program.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

/// A desk with a PC/SC daemon of its own, its reader of vpcd, and a card in it that `otagw sandbox card --vpcd` plays.
namespace ota::pcsc_test {

/// What this machine lacks, each with the package that brings it; empty when all is there.
[[nodiscard]] std::vector<std::string> missing();

class desk {
public:
    desk();
    ~desk();
    desk(const desk&) = delete;
    desk& operator=(const desk&) = delete;

    /// Starts the daemon, and the card unless it runs. Empty when the card can be read, else why it cannot.
    [[nodiscard]] std::string start();
    /// SIGTERM; its exit code.
    int stop_daemon();
    int stop_card();

    /// pkcs15-tool with these arguments on our reader.
    std::string pkcs15_tool(std::vector<std::string> arguments, int& code);
    /// read_card.py.
    std::string pyscard(std::vector<std::string> arguments, int& code);
    /// Of the driver's first reader.
    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
    [[nodiscard]] std::string card_log() const { return card_->output(); }

private:
    [[nodiscard]] std::string run(std::vector<std::string> command, int& code);
    void choose_port();

    system_test::workplace place_;
    bool made_run_directory_;
    std::uint16_t port_ = 0;
    unsigned starts_ = 0;
    std::unique_ptr<system_test::program> daemon_, card_;
};

}  // namespace ota::pcsc_test
