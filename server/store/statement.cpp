#include "store/statement.hpp"

#include <stdexcept>
#include <unordered_map>

namespace parley::store {
namespace {

constexpr char kAccounts[] = {
#embed "queries/accounts.sql"
    , 0};
constexpr char kDeliveries[] = {
#embed "queries/deliveries.sql"
    , 0};
constexpr char kInbound[] = {
#embed "queries/inbound.sql"
    , 0};
constexpr char kConversations[] = {
#embed "queries/conversations.sql"
    , 0};
constexpr char kMessages[] = {
#embed "queries/messages.sql"
    , 0};
constexpr char kMedia[] = {
#embed "queries/media.sql"
    , 0};
constexpr char kOutbox[] = {
#embed "queries/outbox.sql"
    , 0};
constexpr char kEvents[] = {
#embed "queries/events.sql"
    , 0};
constexpr char kTemplates[] = {
#embed "queries/templates.sql"
    , 0};
constexpr char kUsers[] = {
#embed "queries/users.sql"
    , 0};
constexpr char kContacts[] = {
#embed "queries/contacts.sql"
    , 0};
constexpr char kSettings[] = {
#embed "queries/settings.sql"
    , 0};

constexpr char kConnection[] = {
#embed "queries/connection.sql"
    , 0};

constexpr std::string_view kHeading = "-- name: ";

struct Catalogue {
    std::vector<Statement> statements;
    std::unordered_map<std::string_view, const Statement*> by_name;

    Catalogue() {
        for (auto file : {kAccounts, kDeliveries, kInbound, kConversations, kMessages, kMedia, kOutbox, kEvents,
                          kTemplates, kUsers, kContacts, kSettings, kConnection})
            for (auto& block : parse_statements(file)) statements.push_back(std::move(block));
        for (const auto& s : statements)
            if (!by_name.emplace(s.name, &s).second) throw std::logic_error("two statements named " + s.name);
    }
};

const Catalogue& catalogue() {
    static const Catalogue kCatalogue;
    return kCatalogue;
}

}  // namespace

std::vector<Statement> parse_statements(std::string_view text) {
    std::vector<Statement> out;
    auto at = text.find(kHeading);
    while (at != std::string_view::npos) {
        auto name_begin = at + kHeading.size();
        auto name_end = text.find('\n', name_begin);
        if (name_end == std::string_view::npos) break;
        auto next = text.find(kHeading, name_end);
        auto sql = text.substr(name_end + 1, next == std::string_view::npos ? next : next - name_end - 1);
        auto last = sql.find_last_of(';');
        if (last != std::string_view::npos) sql = sql.substr(0, last);
        out.push_back({std::string(text.substr(name_begin, name_end - name_begin)), std::string(sql)});
        at = next;
    }
    return out;
}

const Statement& statement(std::string_view name) {
    auto found = catalogue().by_name.find(name);
    if (found == catalogue().by_name.end()) throw std::logic_error("no statement named " + std::string(name));
    return *found->second;
}

const std::vector<Statement>& all_statements() {
    return catalogue().statements;
}

}  // namespace parley::store
