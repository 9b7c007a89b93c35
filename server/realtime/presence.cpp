#include "realtime/presence.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "base/crypto.hpp"
#include "base/json.hpp"
#include "base/log.hpp"
#include "wire/json_writer.hpp"

namespace parley::realtime {
namespace {

using namespace std::chrono_literals;

constexpr auto kPause = 100ms;
constexpr auto kRefresh = 10s;
constexpr auto kSilence = 30s;
/// PostgreSQL's limit for a notification is 8,000 bytes.
constexpr std::size_t kMaxAnnouncement = 7'900;

void write_ids(std::string& out, const std::set<ConversationId>& ids) {
    out += '[';
    for (bool first = true; auto id : ids) {
        if (!std::exchange(first, false)) out += ',';
        out += std::to_string(id.value);
    }
    out += ']';
}

void write_agents(std::string& out, const Agents& agents) {
    out += '[';
    for (bool first = true; const auto& [user_id, agent] : agents) {
        if (!std::exchange(first, false)) out += ',';
        out += "{\"user_id\":";
        wire::write_text(out, user_id);
        out += ",\"name\":";
        wire::write_text(out, agent.name);
        out += ",\"viewing\":";
        write_ids(out, agent.viewing);
        out += ",\"typing\":";
        write_ids(out, agent.typing);
        out += '}';
    }
    out += ']';
}

std::set<ConversationId> read_ids(const json::value& agent, std::string_view name) {
    std::set<ConversationId> out;
    if (const auto* ids = json::find_array(agent, name))
        for (const auto& id : *ids)
            if (id.is_int64()) out.insert({id.get_int64()});
    return out;
}

}  // namespace

void add_agent(Agents& agents, Agent agent) {
    auto [place, is_new] = agents.try_emplace(agent.user_id, agent);
    if (is_new) return;
    place->second.viewing.merge(agent.viewing);
    place->second.typing.merge(agent.typing);
}

std::string presence_text(const Agents& agents) {
    std::string out = R"({"type":"presence","agents":)";
    write_agents(out, agents);
    return out + "}";
}

std::string write_announcement(const Announcement& announcement) {
    std::string out = "{\"process\":";
    wire::write_text(out, announcement.process);
    out += ",\"account_id\":" + std::to_string(announcement.account.value) + ",\"agents\":";
    write_agents(out, announcement.agents);
    return out + "}";
}

std::optional<Announcement> read_announcement(std::string_view text) {
    auto parsed = json::parse(text);
    if (!parsed) return std::nullopt;
    Announcement out{json::text(*parsed, "process"), {json::integer(*parsed, "account_id").value_or(0)}, {}};
    const auto* agents = json::find_array(*parsed, "agents");
    if (out.process.empty() || !agents) return std::nullopt;
    for (const auto& agent : *agents)
        add_agent(out.agents, {json::text(agent, "user_id"), json::text(agent, "name"), read_ids(agent, "viewing"),
                               read_ids(agent, "typing")});
    return out;
}

bool RemoteAgents::hear(Announcement announcement, Steady::time_point now) {
    bool is_new = processes_.insert_or_assign(announcement.process, now).second;
    said_[announcement.account][announcement.process] = {std::move(announcement.agents), now};
    return is_new;
}

std::set<AccountId> RemoteAgents::expire(Steady::time_point now) {
    std::set<AccountId> changed;
    for (auto& [account, processes] : said_)
        if (std::erase_if(processes, [&](const auto& said) { return now - said.second.at >= kSilence; }) > 0)
            changed.insert(account);
    std::erase_if(said_, [](const auto& of_account) { return of_account.second.empty(); });
    std::erase_if(processes_, [&](const auto& process) { return now - process.second >= kSilence; });
    return changed;
}

void RemoteAgents::add_to(Agents& agents, AccountId account) const {
    auto found = said_.find(account);
    if (found == said_.end()) return;
    for (const auto& [process, said] : found->second)
        for (const auto& [user_id, agent] : said.agents) add_agent(agents, agent);
}

Presence::Presence(asio::io_context& io, store::Pool& pool)
    : executor_(io.get_executor()), pool_(pool), process_(random_uuid()), news_(executor_) {}

void Presence::start() {
    asio::co_spawn(executor_, run(), asio::detached);
}

void Presence::stop() {
    stopped_ = true;
    news_.notify();
}

void Presence::join(AccountId account, Attendee& attendee) {
    auto& room = rooms_[account];
    room.attendees.insert(&attendee);
    room.owed.insert(&attendee);
    changed(account);
}

void Presence::leave(AccountId account, Attendee& attendee) {
    auto found = rooms_.find(account);
    if (found == rooms_.end()) return;
    found->second.attendees.erase(&attendee);
    found->second.owed.erase(&attendee);
    changed(account);
}

void Presence::changed(AccountId account) {
    changed_.insert(account);
    news_.notify();
}

void Presence::hear(std::string_view payload) {
    auto announcement = read_announcement(payload);
    if (!announcement || announcement->process == process_) return;
    auto account = announcement->account;
    bool is_new = remote_.hear(std::move(*announcement), Steady::now());
    // A process that has just come does not know our agents yet.
    if (is_new)
        for (auto& [each, room] : rooms_) {
            room.announced.clear();
            changed(each);
        }
    if (rooms_.contains(account)) changed(account);
}

awaitable<void> Presence::run() {
    while (!stopped_) {
        co_await news_.wait_for(1s);
        if (stopped_) break;
        refresh(Steady::now());
        for (auto& announcement : tell_all()) {
            try {
                co_await store::tell_presence(pool_, std::move(announcement));
            } catch (const store::DbError& error) {
                log::debug("presence_not_told", {{"reason", error.what()}});
            }
        }
        // However often somebody types, colleagues hear of it at most so often.
        co_await sleep_for(executor_, kPause);
    }
}

void Presence::refresh(Steady::time_point now) {
    for (auto account : remote_.expire(now)) changed_.insert(account);
    for (const auto& [account, room] : rooms_)
        if (now - room.announced_at >= kRefresh) changed_.insert(account);
}

/// Shows what changed, and gives the announcements for other processes.
std::vector<std::string> Presence::tell_all() {
    std::vector<std::string> announcements;
    auto now = Steady::now();
    for (auto account : std::exchange(changed_, {})) {
        auto found = rooms_.find(account);
        if (found == rooms_.end()) continue;
        auto& room = found->second;
        Announcement own{process_, account, {}};
        for (const auto* attendee : room.attendees) add_agent(own.agents, attendee->agent());
        auto announcement = write_announcement(own);
        if (announcement != room.announced || now - room.announced_at >= kRefresh) {
            room.announced = announcement;
            room.announced_at = now;
            if (announcement.size() <= kMaxAnnouncement) announcements.push_back(std::move(announcement));
        }
        if (room.attendees.empty())
            rooms_.erase(found);
        else if (!tell(account, room, std::move(own.agents)))
            changed_.insert(account);
    }
    return announcements;
}

/// False when somebody could not be shown it.
bool Presence::tell(AccountId account, Room& room, Agents agents) {
    remote_.add_to(agents, account);
    auto text = presence_text(agents);
    if (text != room.shown) {
        room.shown = text;
        room.owed = room.attendees;
    }
    auto frame = std::make_shared<const std::string>(std::move(text));
    std::erase_if(room.owed, [&](Attendee* attendee) { return attendee->show(frame); });
    return room.owed.empty();
}

}  // namespace parley::realtime
