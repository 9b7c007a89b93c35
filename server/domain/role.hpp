// What members of an account may do to each other.
#pragma once

#include <optional>
#include <string_view>

#include "base/result.hpp"

namespace parley {

/// In rising order: each may do all that the one before may.
enum class Role { agent, admin, owner };

/// "agent", "admin" or "owner".
std::string_view name_of(Role role);
std::optional<Role> read_role(std::string_view name);

struct RoleChange {
    Role actor = Role::agent;   ///< who does it
    bool own = false;           ///< to themselves
    std::optional<Role> from;   ///< absent: not a member yet
    std::optional<Role> to;     ///< absent: a member no more
    bool other_owners = false;  ///< the account has an owner beside the member in question
};

/// Errc::forbidden for agents, for admins who touch or make owners, and for whoever changes the own role;
/// Errc::wrong_state when the account would be left without an owner.
Result<void> check_role_change(const RoleChange& change);

}  // namespace parley
