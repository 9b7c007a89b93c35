#include "base/metrics.hpp"

#include <prometheus/text_serializer.h>
#include <unistd.h>

#include <fstream>

namespace parley {
namespace {

using prometheus::BuildCounter;
using prometheus::BuildGauge;
using prometheus::BuildHistogram;

const prometheus::Histogram::BucketBoundaries kSeconds{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                                       0.1,   0.25,   0.5,   1,    2.5,   5};
const prometheus::Histogram::BucketBoundaries kSizes{1, 2, 4, 8, 16, 32, 64, 128, 256};

}  // namespace

Metrics::Metrics()
    : requests(BuildCounter().Name("parley_http_requests_total").Help("HTTP requests answered").Register(registry)),
      webhook_seconds(BuildHistogram()
                          .Name("parley_webhook_seconds")
                          .Help("Arrival of a webhook delivery to its answer")
                          .Register(registry)
                          .Add({}, kSeconds)),
      batch_size(BuildHistogram()
                     .Name("parley_intake_batch_deliveries")
                     .Help("Webhook deliveries committed together")
                     .Register(registry)
                     .Add({}, kSizes)),
      webhooks(BuildCounter().Name("parley_webhooks_total").Help("Webhook deliveries by outcome").Register(registry)),
      sends(BuildCounter().Name("parley_sends_total").Help("Tries to send a message by outcome").Register(registry)),
      intake_waiting(BuildGauge()
                         .Name("parley_intake_waiting")
                         .Help("Webhook deliveries waiting for a batch")
                         .Register(registry)
                         .Add({})),
      outbox(BuildGauge().Name("parley_outbox_messages").Help("Outbox rows by state").Register(registry)),
      problem_deliveries(BuildGauge()
                             .Name("parley_problem_deliveries")
                             .Help("Journaled deliveries that are dead letters or partly stored")
                             .Register(registry)),
      pool_connections(BuildGauge()
                           .Name("parley_database_connections")
                           .Help("Database connections by pool and state")
                           .Register(registry)),
      open_connections(
          BuildGauge().Name("parley_http_connections").Help("Open HTTP connections").Register(registry).Add({})),
      resident_bytes(
          BuildGauge().Name("process_resident_memory_bytes").Help("Resident memory").Register(registry).Add({})) {}

std::string Metrics::serialise() const {
    return prometheus::TextSerializer().Serialize(registry.Collect());
}

double resident_memory() {
    std::ifstream statm("/proc/self/statm");
    double total = 0, resident = 0;
    statm >> total >> resident;
    return resident * static_cast<double>(sysconf(_SC_PAGESIZE));
}

}  // namespace parley
