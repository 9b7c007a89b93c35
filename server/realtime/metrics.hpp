// What /metrics shows of the event sockets.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

namespace parley::realtime {

struct SocketMetrics {
    explicit SocketMetrics(prometheus::Registry& registry);
    SocketMetrics(const SocketMetrics&) = delete;
    SocketMetrics& operator=(const SocketMetrics&) = delete;

    prometheus::Gauge& open;
    prometheus::Counter& frames;                      ///< handed to sockets
    prometheus::Family<prometheus::Counter>& closes;  ///< by code
    prometheus::Histogram& delay;                     ///< seconds from an event's transaction to its encoding
};

}  // namespace parley::realtime
