// What /metrics shows, by name. Owned by App; everyone else holds references.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <string>

namespace parley {

struct Metrics {
    Metrics();
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;

    prometheus::Registry registry;
    prometheus::Family<prometheus::Counter>& requests;          ///< by method, route, status
    prometheus::Histogram& webhook_seconds;                     ///< arrival of a delivery to its answer
    prometheus::Histogram& batch_size;                          ///< deliveries committed together
    prometheus::Family<prometheus::Counter>& webhooks;          ///< by outcome
    prometheus::Family<prometheus::Counter>& sends;             ///< by outcome
    prometheus::Gauge& intake_waiting;                          ///< deliveries not yet in a batch
    prometheus::Family<prometheus::Gauge>& outbox;              ///< rows by state
    prometheus::Family<prometheus::Gauge>& problem_deliveries;  ///< dead letters and partly stored deliveries
    prometheus::Family<prometheus::Gauge>& pool_connections;    ///< by pool and state
    prometheus::Gauge& open_connections;                        ///< HTTP
    prometheus::Gauge& resident_bytes;

    /// The text format of Prometheus, version 0.0.4.
    std::string serialise() const;
};

/// Resident memory of this process, in bytes.
double resident_memory();

}  // namespace parley
