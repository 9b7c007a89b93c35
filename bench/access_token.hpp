#pragma once

#include <string>
#include <string_view>

namespace parley::bench {

/// An access token (HS256) as Supabase would issue it, valid for a day.
std::string access_token(std::string_view secret, std::string_view user_id);

}  // namespace parley::bench
