// Fetches a file from an address that somebody names, from public addresses alone: nobody can make this server read
// what is in its own network (SSRF).
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "http/client.hpp"
#include "http/client_address.hpp"
#include "media/file_store.hpp"

namespace parley::media {

struct FetchedLink {
    StoredFile file;
    std::string claimed_type;  ///< Content-Type of the answer
    std::string file_name;     ///< the last part of the path; empty: none
};

class LinkFetcher {
  public:
    /// `allowed` are networks that may be fetched from although they are not public.
    LinkFetcher(http::Client& client, FileStore& files, http::TrustedProxies allowed)
        : client_(client), files_(files), allowed_(std::move(allowed)) {}
    LinkFetcher(const LinkFetcher&) = delete;
    LinkFetcher& operator=(const LinkFetcher&) = delete;

    /// At most `limit` bytes, within 20 s, without following redirects. Errors name the member media_url:
    /// Errc::invalid_argument for an address that is refused or gives no file, Errc::too_large.
    awaitable<Result<FetchedLink>> fetch(std::string url, std::int64_t limit);

  private:
    http::Client& client_;
    FileStore& files_;
    http::TrustedProxies allowed_;
};

}  // namespace parley::media
