// Which addresses belong to the public internet. For requests whose address somebody else chose.
#pragma once

#include <boost/asio/ip/address.hpp>

namespace parley::http {

/// False for every range that the IANA registries of special-purpose addresses list (RFC 6890 and its updates), for
/// multicast, and for IPv6 outside 2000::/3, the only block that global addresses are given from. An IPv6 address that
/// stands for an IPv4 address (mapped, NAT64, 6to4) is what that is.
bool is_public(const boost::asio::ip::address& address);

}  // namespace parley::http
