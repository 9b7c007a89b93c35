#include "store/checkup.hpp"

namespace parley::store {

awaitable<DatabaseFacts> database_facts(Pool& pool) {
    auto rows = co_await pool.query("database_facts");
    auto row = rows.front();
    co_return DatabaseFacts{row.get<std::string>("version"),
                            row.get<std::int64_t>("version_number"),
                            row.get<bool>("fsync"),
                            row.get<bool>("synchronous_commit"),
                            row.get<bool>("full_page_writes"),
                            row.get<std::int64_t>("free_connections"),
                            row.get<std::optional<std::string>>("folder").value_or("")};
}

awaitable<WorkFacts> work_facts(Pool& pool, AccountId account) {
    Params params;
    params.add(account);
    auto rows = co_await pool.query("work_facts", std::move(params));
    auto row = rows.front();
    co_return WorkFacts{row.get<std::optional<TimePoint>>("newest_delivery"),
                        row.get<std::int64_t>("dead"),
                        row.get<std::int64_t>("partial"),
                        row.get<std::int64_t>("unknown"),
                        row.get<std::int64_t>("waiting"),
                        row.get<std::int64_t>("files_waiting")};
}

awaitable<std::vector<std::string>> newest_files(Pool& pool, AccountId account) {
    Params params;
    params.add(account);
    auto rows = co_await pool.query("newest_files", std::move(params));
    std::vector<std::string> out;
    for (auto row : rows) out.push_back(row.get<std::string>("sha256"));
    co_return out;
}

}  // namespace parley::store
