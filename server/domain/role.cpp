#include "domain/role.hpp"

namespace parley {

std::string_view name_of(Role role) {
    switch (role) {
        case Role::agent:
            return "agent";
        case Role::admin:
            return "admin";
        case Role::owner:
            return "owner";
    }
    return "";
}

std::optional<Role> read_role(std::string_view name) {
    for (auto role : {Role::agent, Role::admin, Role::owner})
        if (name == name_of(role)) return role;
    return std::nullopt;
}

Result<void> check_role_change(const RoleChange& change) {
    if (change.actor == Role::agent) return failure(Errc::forbidden, "This needs the role admin or owner.");
    if (change.own && change.to) return failure(Errc::forbidden, "Nobody changes the own role.");
    bool about_owner = change.from == Role::owner || change.to == Role::owner;
    if (about_owner && change.actor != Role::owner)
        return failure(Errc::forbidden, "This needs the role owner: it makes, changes or removes an owner.");
    if (change.from == Role::owner && change.to != Role::owner && !change.other_owners)
        return failure(Errc::wrong_state, "The account would be left without an owner.");
    return {};
}

}  // namespace parley
