#include "realtime/metrics.hpp"

namespace parley::realtime {

SocketMetrics::SocketMetrics(prometheus::Registry& registry)
    : open(prometheus::BuildGauge().Name("parley_sockets").Help("Open event sockets").Register(registry).Add({})),
      frames(prometheus::BuildCounter()
                 .Name("parley_socket_frames_total")
                 .Help("Frames handed to event sockets")
                 .Register(registry)
                 .Add({})),
      closes(prometheus::BuildCounter()
                 .Name("parley_socket_closes_total")
                 .Help("Event sockets closed, by close code")
                 .Register(registry)),
      delay(prometheus::BuildHistogram()
                .Name("parley_event_seconds")
                .Help("An event's transaction to its encoding for the sockets")
                .Register(registry)
                .Add({}, prometheus::Histogram::BucketBoundaries{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
                                                                 0.5, 1, 2.5, 5})) {}

}  // namespace parley::realtime
