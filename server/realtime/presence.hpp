// Who is there, which conversations they look at and where they type: beside the event log, never stored. Agents
// connected to other processes are known from what those say (channel "parley_presence") at every change and every ten
// seconds.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "realtime/frames.hpp"
#include "realtime/limits.hpp"

namespace parley::realtime {

struct Agent {
    std::string user_id;
    std::string name;
    std::set<ConversationId> viewing;
    std::set<ConversationId> typing;
    friend bool operator==(const Agent&, const Agent&) = default;
};

/// The agents of one account: one entry for a user, however many sockets they have.
using Agents = std::map<std::string, Agent>;
void add_agent(Agents& agents, Agent agent);
std::string presence_text(const Agents& agents);

/// What a process says about its agents.
struct Announcement {
    std::string process;
    AccountId account;
    Agents agents;
};
std::string write_announcement(const Announcement& announcement);
std::optional<Announcement> read_announcement(std::string_view text);

/// What other processes said, until they have been silent for 30 s.
class RemoteAgents {
  public:
    /// True when the process was not known before.
    bool hear(Announcement announcement, Steady::time_point now);
    /// Forgets silent processes; the accounts whose agents changed by that.
    std::set<AccountId> expire(Steady::time_point now);
    void add_to(Agents& agents, AccountId account) const;

  private:
    struct Said {
        Agents agents;
        Steady::time_point at;
    };
    std::map<AccountId, std::map<std::string, Said>> said_;
    std::map<std::string, Steady::time_point> processes_;
};

/// A socket that is shown to its colleagues, and shows them.
class Attendee {
  public:
    virtual ~Attendee() = default;
    virtual Agent agent() const = 0;
    /// False when it cannot take the frame now.
    virtual bool show(const Frame& presence) = 0;
};

class Presence {
  public:
    Presence(asio::io_context& io, store::Pool& pool);
    Presence(const Presence&) = delete;
    Presence& operator=(const Presence&) = delete;

    void start();
    void stop();
    void join(AccountId account, Attendee& attendee);
    void leave(AccountId account, Attendee& attendee);
    void changed(AccountId account);
    /// A notification of another process, or the echo of one of ours.
    void hear(std::string_view payload);

  private:
    struct Room {
        std::set<Attendee*> attendees;
        std::set<Attendee*> owed;  // have not seen `shown` yet
        std::string shown;
        std::string announced;
        Steady::time_point announced_at{};
    };
    awaitable<void> run();
    void refresh(Steady::time_point now);
    std::vector<std::string> tell_all();
    bool tell(AccountId account, Room& room, Agents agents);

    Executor executor_;
    store::Pool& pool_;
    const std::string process_;
    std::map<AccountId, Room> rooms_;
    RemoteAgents remote_;
    std::set<AccountId> changed_;
    Signal news_;
    bool stopped_ = false;
};

}  // namespace parley::realtime
