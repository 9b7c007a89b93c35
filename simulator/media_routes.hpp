// GET /{media_id}, which shares its path with other objects.
#pragma once

#include "http/message.hpp"
#include "simulator/world.hpp"

namespace parley::simulator {

/// The answer for an id that is no number, WABA or template: a media file, or 100 subcode 33.
awaitable<http::Response> look_up_media(World& world, http::Request& request);

}  // namespace parley::simulator
