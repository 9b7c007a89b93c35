#include "domain/role.hpp"

#include <gtest/gtest.h>

#include <array>

namespace parley {
namespace {

constexpr std::array kRoles{Role::agent, Role::admin, Role::owner};

TEST(Role, has_a_name_that_is_read_back) {
    for (auto role : kRoles) EXPECT_EQ(read_role(name_of(role)), role);
    for (const char* other : {"", "Owner", "king", "owner "}) EXPECT_FALSE(read_role(other)) << other;
}

TEST(RoleChange, of_others_is_for_admins_and_owners) {
    for (auto actor : kRoles)
        for (std::optional<Role> from : {std::optional<Role>{}, std::optional{Role::agent}, std::optional{Role::admin}})
            for (std::optional<Role> to :
                 {std::optional<Role>{}, std::optional{Role::agent}, std::optional{Role::admin}}) {
                bool allowed = check_role_change({actor, false, from, to, true}).has_value();
                EXPECT_EQ(allowed, actor != Role::agent);
            }
}

TEST(RoleChange, of_and_to_owners_is_for_owners) {
    for (auto actor : kRoles)
        for (auto other : kRoles) {
            bool allowed = actor == Role::owner;
            EXPECT_EQ(check_role_change({actor, false, other, Role::owner, true}).has_value(), allowed);
            EXPECT_EQ(check_role_change({actor, false, Role::owner, other, true}).has_value(), allowed);
            EXPECT_EQ(check_role_change({actor, false, Role::owner, std::nullopt, true}).has_value(), allowed);
            EXPECT_EQ(check_role_change({actor, false, std::nullopt, Role::owner, true}).has_value(), allowed);
        }
}

TEST(RoleChange, of_oneself_is_leaving_at_most) {
    for (auto role : {Role::admin, Role::owner}) {
        for (auto to : kRoles) EXPECT_EQ(check_role_change({role, true, role, to, true}).error().code, Errc::forbidden);
        EXPECT_TRUE(check_role_change({role, true, role, std::nullopt, true}));
    }
}

TEST(RoleChange, never_takes_the_last_owner) {
    EXPECT_EQ(check_role_change({Role::owner, true, Role::owner, std::nullopt, false}).error().code, Errc::wrong_state);
    EXPECT_EQ(check_role_change({Role::owner, false, Role::owner, Role::admin, false}).error().code, Errc::wrong_state);
    EXPECT_TRUE(check_role_change({Role::owner, false, Role::owner, Role::owner, false}));
}

}  // namespace
}  // namespace parley
