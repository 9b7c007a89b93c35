// All SQL lives in db/queries/*.sql, in blocks headed `-- name: claim_outbox`. The files are embedded in the binary.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace parley::store {

/// One named statement. Compared by address: there is one object per block for the whole run.
struct Statement {
    std::string name;
    std::string sql;
};

/// The statement of that name; throws std::logic_error for a name without a block.
const Statement& statement(std::string_view name);

/// Every statement, for the test that prepares each against the migrated schema.
const std::vector<Statement>& all_statements();

/// Splits the text of a query file into its blocks.
std::vector<Statement> parse_statements(std::string_view text);

}  // namespace parley::store
