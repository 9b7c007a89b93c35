#include "auth/session_book.hpp"

#include "store/sessions.hpp"

namespace parley::auth {
namespace {

constexpr auto kRememberFor = std::chrono::seconds{30};
constexpr std::size_t kMaxRemembered = 10'000;

}  // namespace

awaitable<bool> SessionBook::is_open(std::string session_id) {
    auto found = open_until_.find(session_id);
    if (found != open_until_.end() && now_() < found->second) co_return true;
    auto endings = endings_;
    auto ended = co_await store::ended_sessions(pool_, {session_id});
    if (!ended.empty()) co_return false;
    // One that ended while the question was on its way may have been answered with a yes.
    if (endings == endings_) remember(session_id);
    co_return true;
}

void SessionBook::remember(const std::string& session_id) {
    auto now = now_();
    if (open_until_.size() >= kMaxRemembered)
        std::erase_if(open_until_, [now](const auto& entry) { return entry.second <= now; });
    if (open_until_.size() >= kMaxRemembered) open_until_.clear();
    open_until_.insert_or_assign(session_id, now + kRememberFor);
}

void SessionBook::forget(std::span<const std::string> session_ids) {
    ++endings_;
    for (const auto& id : session_ids) open_until_.erase(id);
}

}  // namespace parley::auth
