// Who a request comes from when proxies stand in front: X-Forwarded-For, believed only as far as proxies that are
// trusted have written it.
#pragma once

#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "http/message.hpp"

namespace parley::http {

class TrustedProxies {
  public:
    /// Trusts nobody.
    TrustedProxies() = default;
    /// Addresses and networks: "10.1.2.3", "10.0.0.0/8", "fd00::/8". invalid_argument for anything else.
    static Result<TrustedProxies> parse(std::span<const std::string> texts);

    bool trusts(std::string_view address) const;
    /// The address of the client: `peer` itself unless it is trusted, else the last address in X-Forwarded-For that is
    /// not trusted. What stands before an entry that is no address is not believed.
    std::string client_of(std::string_view peer, std::span<const Header> headers) const;

  private:
    std::vector<boost::asio::ip::network_v4> v4_;
    std::vector<boost::asio::ip::network_v6> v6_;
};

}  // namespace parley::http
