#pragma once

#include <string>
#include <vector>

/// The program's commands. Each takes what stands behind its name and gives the exit code.
namespace ota::cli {

inline constexpr int good = 0, failed = 1, wrong_usage = 2, bad_configuration = 78;

using arguments = std::vector<std::string>;

int run_gateway(const arguments&);
int run_sandbox(const arguments&);
int run_check_command(const arguments&);
int run_publish_command(const arguments&);
int run_events_command(const arguments&);
int run_dlq_command(const arguments&);
int run_campaigns_command(const arguments&);
int run_cards_command(const arguments&);
int run_keys_command(const arguments&);
int run_store_command(const arguments&);
int run_topics_command(const arguments&);
int run_packet_command(const arguments&);
int run_mo_command(const arguments&);
int run_audit_command(const arguments&);
int run_bench_command(const arguments&);
int run_top_command(const arguments&);
int run_tap_command(const arguments&);

}  // namespace ota::cli
