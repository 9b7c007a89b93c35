#include "base/log.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <boost/json.hpp>
#include <stdexcept>

#include "base/time.hpp"

namespace parley::log {
namespace {

spdlog::logger& logger() {
    static auto instance = [] {
        auto created = std::make_shared<spdlog::logger>("parley", std::make_shared<spdlog::sinks::stderr_sink_mt>());
        created->set_pattern("%v");
        created->flush_on(spdlog::level::info);
        return created;
    }();
    return *instance;
}

void write(spdlog::level::level_enum level, std::string_view name, std::string_view event, Fields fields) {
    if (!logger().should_log(level)) return;
    boost::json::object line{{"time", to_rfc3339(Clock{}.now())}, {"level", name}, {"event", event}};
    for (const auto& field : fields) std::visit([&](auto value) { line[field.name] = value; }, field.value);
    logger().log(level, boost::json::serialize(line));
}

}  // namespace

void set_level(std::string_view level) {
    auto parsed = spdlog::level::from_str(std::string(level));
    if (parsed == spdlog::level::off) throw std::invalid_argument("unknown log level");
    logger().set_level(parsed);
}

void debug(std::string_view event, Fields fields) {
    write(spdlog::level::debug, "debug", event, fields);
}
void info(std::string_view event, Fields fields) {
    write(spdlog::level::info, "info", event, fields);
}
void warn(std::string_view event, Fields fields) {
    write(spdlog::level::warn, "warn", event, fields);
}
void error(std::string_view event, Fields fields) {
    write(spdlog::level::err, "error", event, fields);
}

}  // namespace parley::log
