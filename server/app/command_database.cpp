#include "app/command_database.hpp"

#include "app/commands.hpp"
#include "store/migrations.hpp"

namespace parley::app {

CommandDatabase::CommandDatabase(const Config& config) {
    store::ConnectionOptions options;
    options.conninfo = config.database_url;
    if (options.conninfo.empty()) {
        if (auto running = private_cluster_url(config.data_dir)) {
            options.conninfo = *running;
        } else {
            cluster_ = PrivateCluster::start({.data_dir = config.data_dir});
            options.conninfo = cluster_->database_url();
        }
    }
    store::migrate(options.conninfo, config.allow_unsafe_database);
    pool_.emplace(io_, std::move(options), 2);
}

void CommandDatabase::run(awaitable<void> work) {
    run_to_end(io_, std::move(work));
}

}  // namespace parley::app
