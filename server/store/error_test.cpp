#include "store/error.hpp"

#include <gtest/gtest.h>

#include <array>
#include <utility>

namespace parley::store {
namespace {

TEST(SqlStates, are_sorted_by_what_can_be_done) {
    using enum DbErrorKind;
    const std::array<std::pair<const char*, DbErrorKind>, 32> table{{
        {"40001", retryable},  // serialization_failure
        {"40P01", retryable},  // deadlock_detected
        {"55P03", retryable},  // lock_not_available
        {"22001", data},       // string_data_right_truncation
        {"22003", data},       // numeric_value_out_of_range
        {"22021", data},       // character_not_in_repertoire
        {"22P02", data},       // invalid_text_representation
        {"22P05", data},       // untranslatable_character
        {"23502", data},       // not_null_violation
        {"23503", data},       // foreign_key_violation
        {"23505", data},       // unique_violation
        {"23514", data},       // check_violation
        {"54000", data},       // program_limit_exceeded
        {"", gone},            // no answer at all
        {"08006", gone},       // connection_failure
        {"25006", gone},       // read_only_sql_transaction: a standby
        {"25P03", gone},       // idle_in_transaction_session_timeout
        {"53100", gone},       // disk_full
        {"53200", gone},       // out_of_memory
        {"53300", gone},       // too_many_connections
        {"57014", gone},       // query_canceled: statement_timeout
        {"57P01", gone},       // admin_shutdown
        {"57P02", gone},       // crash_shutdown
        {"57P03", gone},       // cannot_connect_now
        {"57P05", gone},       // idle_session_timeout
        {"58030", gone},       // io_error
        {"XX000", gone},       // internal_error
        {"XX001", gone},       // data_corrupted
        {"42601", bug},        // syntax_error
        {"42P01", bug},        // undefined_table
        {"42501", bug},        // insufficient_privilege
        {"0A000", bug},        // feature_not_supported
    }};
    for (const auto& [sqlstate, kind] : table) EXPECT_EQ(kind_of_sqlstate(sqlstate), kind) << sqlstate;
}

}  // namespace
}  // namespace parley::store
