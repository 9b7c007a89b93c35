// What a piece of a test throws, as a value to look at.
#pragma once

#include <optional>

#include "store/error.hpp"

namespace parley::test {

/// The DbError that `action` throws; empty when it throws none.
template <class Action>
std::optional<store::DbError> db_error_of(Action&& action) {
    try {
        action();
    } catch (const store::DbError& error) {
        return error;
    }
    return std::nullopt;
}

}  // namespace parley::test
