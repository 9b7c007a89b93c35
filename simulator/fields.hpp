// The `fields` parameter of Graph reads.
#pragma once

#include <string>

#include "base/json.hpp"
#include "http/message.hpp"

namespace parley::simulator {

/// Only the members that `fields` names, in that order, and `id` last; everything when there is no such parameter.
/// Nested selections ("a{b,c}") are taken whole.
json::object with_fields(const http::Request& request, const json::object& all);
json::object with_fields(const http::Request& request, const json::object& all, std::string_view default_fields);

std::string in_upper_case(std::string text);

}  // namespace parley::simulator
