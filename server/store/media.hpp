// Files of messages: what is known of them. Their bytes are in the media store (media/file_store.hpp).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "domain/message.hpp"
#include "store/pool.hpp"

namespace parley::store {

/// A file as the API shows it. `state` is "announced", "stored" or "failed".
struct MediaOverview {
    MediaId id;
    std::string state;
    std::string claimed_type;         ///< what the sender said; may carry parameters, may lie
    std::optional<std::string> type;  ///< what the bytes are, once stored
    std::optional<std::int64_t> size;
    std::string file_name;  ///< the sender's; any characters; empty: none
    bool voice = false;
    std::optional<std::string> problem_code;
    std::optional<std::string> problem_detail;
};

/// The same with what is needed to serve it.
struct StoredMedia : MediaOverview {
    std::string sha256;  ///< lower-case hex; empty unless stored
    TimePoint created_at;
};

/// Errc::not_found, for another account's file as well.
awaitable<Result<StoredMedia>> find_media(Pool& pool, AccountId account, MediaId id);

/// A file whose bytes are in the media store already.
struct NewMedia {
    std::string claimed_type;
    std::string file_name;
    bool voice = false;
    std::string type;
    std::string sha256;
    std::int64_t size = 0;
};
awaitable<MediaId> add_media(Pool& pool, AccountId account, NewMedia media);

/// A file that a customer sent, claimed by one fetcher.
struct MediaJob {
    AccountId account;
    MediaId id;
    std::string lease;
    std::string phone_number_id;
    std::string graph_id;
    std::string claimed_type;
    std::string claimed_sha256;  ///< base64 or hex; may be empty
    std::int64_t attempts = 0;   ///< this one included
    std::optional<TimePoint> expires_at;
};
awaitable<std::vector<MediaJob>> claim_media(Pool& pool, std::int64_t limit);
/// The bytes are stored under `sha256`. Nothing happens when the lease is lost.
awaitable<void> settle_stored(Pool& pool, const MediaJob& job, std::string sha256, std::string type, std::int64_t size);
/// Given up. `code` is a word of the contract, `detail` a sentence for agents.
awaitable<void> settle_failed(Pool& pool, const MediaJob& job, std::string code, std::string detail);
/// To be tried again at `when`; `counts` false: as if this try had not been.
awaitable<void> postpone(Pool& pool, const MediaJob& job, TimePoint when, std::string code, std::string detail,
                         bool counts);
/// A file that was given up is announced again; others stay as they are. Errc::not_found.
awaitable<Result<void>> retry_media(Pool& pool, AccountId account, MediaId id);

/// Meta's id of a copy that can be sent from this number; empty when there is none.
awaitable<std::string> find_upload(Pool& pool, AccountId account, MediaId id, std::string phone_number_id);
awaitable<void> put_upload(Pool& pool, AccountId account, MediaId id, std::string phone_number_id,
                           std::string graph_id);
awaitable<void> drop_upload(Pool& pool, AccountId account, MediaId id, std::string phone_number_id);

}  // namespace parley::store
