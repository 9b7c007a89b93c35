#include "store/error.hpp"

namespace parley::store {

DbErrorKind kind_of_sqlstate(std::string_view sqlstate) {
    auto in_class = [&](std::string_view prefix) { return sqlstate.starts_with(prefix); };
    // 40001 serialisation, 40P01 deadlock, 55P03 lock not available
    if (in_class("40") || sqlstate == "55P03") return DbErrorKind::retryable;
    // 08 connection, 53 resources (disk, memory, connections), 57 operator intervention and statement timeout,
    // 58 system (I/O), 25006 read-only (a standby), 25P02/25P03 transaction ended under us, XX internal
    if (sqlstate.empty() || in_class("08") || in_class("53") || in_class("57") || in_class("58") ||
        sqlstate == "25006" || in_class("25P") || in_class("XX"))
        return DbErrorKind::gone;
    // 22 data exception, 23 integrity, 54 program limit (index row too large, nesting too deep)
    if (in_class("22") || in_class("23") || in_class("54")) return DbErrorKind::data;
    return DbErrorKind::bug;
}

}  // namespace parley::store
