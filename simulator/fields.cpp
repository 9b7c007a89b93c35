#include "simulator/fields.hpp"

namespace parley::simulator {

json::object with_fields(const http::Request& request, const json::object& all) {
    return with_fields(request, all, {});
}

json::object with_fields(const http::Request& request, const json::object& all, std::string_view default_fields) {
    std::string fields = request.query_parameter("fields").value_or(std::string(default_fields));
    if (fields.empty()) return all;
    json::object chosen;
    std::string name;
    int depth = 0;
    fields += ',';
    for (char c : fields) {
        if (c == '{') ++depth;
        if (c == '}') --depth;
        if (depth > 0 || c == '}' || c == ' ') continue;
        if (c != ',') {
            name += c;
            continue;
        }
        if (const auto* member = all.if_contains(name); member != nullptr && name != "id") chosen[name] = *member;
        name.clear();
    }
    if (const auto* id = all.if_contains("id")) chosen["id"] = *id;
    return chosen;
}

std::string in_upper_case(std::string text) {
    for (char& c : text) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    return text;
}

}  // namespace parley::simulator
