#pragma once

#include "bench/figure.hpp"

#include <vector>

namespace ota::bench {

/// Events on a topic of Apache Kafka to their final state committed in PostgreSQL, with one, two and three gateways,
/// everything on this machine; and from the event on the topic to its submit_sm at the SMSC at half of that load.
/// `seconds` are counted each time, after ten of warming up. Needs the broker's jars (tests/kafka/fetch_broker.sh).
[[nodiscard]] std::vector<figure> kafka_postgres_figures(double seconds);

}  // namespace ota::bench
