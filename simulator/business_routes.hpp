// GET of a number or a WABA by its id, which shares its path with other objects.
#pragma once

#include "http/message.hpp"
#include "simulator/world.hpp"

namespace parley::simulator {

http::Response number_answer(const World& world, const http::Request& request, const BusinessNumber& number);
http::Response waba_answer(const http::Request& request, const Waba& waba);

}  // namespace parley::simulator
