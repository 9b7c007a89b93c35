// The limits of interactive messages (reference, 10.3).
#include <array>
#include <set>

#include "base/text.hpp"
#include "http/client.hpp"
#include "simulator/validation.hpp"

namespace parley::simulator {
namespace {

Checked<void> check_header(const json::value& interactive, std::string_view type) {
    const auto* header = json::find(interactive, "header");
    if (header == nullptr) return {};
    auto kind = json::text(*header, "type");
    if (kind == "text") return check_length("Header text", json::text(*header, "text"), 1, 60);
    if (kind != "image" && kind != "video" && kind != "document") {
        return std::unexpected(value_not_valid("Header type is not valid."));
    }
    if (type == "list") return std::unexpected(value_not_valid("Header of a list message must be a text."));
    const auto* media = json::find(*header, kind);
    if (media == nullptr) return std::unexpected(missing_parameter("interactive['header']['" + kind + "']"));
    return check_media_reference(*media, kind);
}

Checked<void> check_buttons(const json::value& action) {
    const auto* buttons = json::find_array(action, "buttons");
    if (buttons == nullptr) return std::unexpected(missing_parameter("interactive['action']['buttons']"));
    if (buttons->empty() || buttons->size() > 3) {
        return std::unexpected(
            value_not_valid("Invalid buttons count. Min allowed buttons: 1, Max allowed buttons: 3"));
    }
    std::set<std::string> titles;
    std::set<std::string> ids;
    for (const auto& button : *buttons) {
        const auto* reply = json::find(button, "reply");
        if (json::text(button, "type") != "reply" || reply == nullptr) {
            return std::unexpected(value_not_valid("Button type must be reply."));
        }
        auto title = json::text(*reply, "title");
        auto id = json::text(*reply, "id");
        if (auto checked = check_length("Button title", title, 1, 20); !checked) return checked;
        if (auto checked = check_length("Button reply id", id, 1, 256); !checked) return checked;
        if (!titles.insert(title).second || !ids.insert(id).second) {
            return std::unexpected(value_not_valid("Duplicated button title or id."));
        }
    }
    return {};
}

Checked<void> check_row(const json::value& row, std::set<std::string>& ids) {
    auto id = json::text(row, "id");
    if (auto checked = check_length("Row id", id, 1, 200); !checked) return checked;
    if (auto checked = check_length("Row title", json::text(row, "title"), 1, 24); !checked) return checked;
    if (auto checked = check_length("Row description", json::text(row, "description"), 0, 72); !checked) return checked;
    if (!ids.insert(id).second) return std::unexpected(value_not_valid("Duplicated row id: " + id));
    return {};
}

Checked<void> check_list(const json::value& action) {
    if (auto checked = check_length("Button label", json::text(action, "button"), 1, 20); !checked) return checked;
    const auto* sections = json::find_array(action, "sections");
    if (sections == nullptr) return std::unexpected(missing_parameter("interactive['action']['sections']"));
    if (sections->empty() || sections->size() > 10) {
        return std::unexpected(
            value_not_valid("Invalid sections count. Min allowed sections: 1, Max allowed sections: 10"));
    }
    std::set<std::string> ids;
    for (const auto& section : *sections) {
        std::size_t least = sections->size() > 1 ? 1 : 0;
        if (auto checked = check_length("Section title", json::text(section, "title"), least, 24); !checked) {
            return checked;
        }
        const auto* rows = json::find_array(section, "rows");
        if (rows == nullptr || rows->empty())
            return std::unexpected(value_not_valid("A section needs at least one row."));
        for (const auto& row : *rows) {
            if (auto checked = check_row(row, ids); !checked) return checked;
        }
    }
    if (ids.size() > 10) return std::unexpected(value_not_valid("Total row count exceed max allowed count: 10"));
    return {};
}

Checked<void> check_cta_url(const json::value& action) {
    const auto* parameters = json::find(action, "parameters");
    if (parameters == nullptr) return std::unexpected(missing_parameter("interactive['action']['parameters']"));
    if (auto checked = check_length("Display text", json::text(*parameters, "display_text"), 1, 20); !checked) {
        return checked;
    }
    if (!http::parse_url(json::text(*parameters, "url"))) {
        return std::unexpected(value_not_valid("URL is not valid."));
    }
    return {};
}

struct Kind {
    std::string_view type;
    std::string_view action_name;  ///< empty: the action has no name
    bool body_required;
};
constexpr std::array<Kind, 10> kKinds{{{"button", "", true},
                                       {"list", "", true},
                                       {"cta_url", "cta_url", true},
                                       {"location_request_message", "send_location", true},
                                       {"contact_request", "request_contact_info", true},
                                       {"call_permission_request", "call_permission_request", false},
                                       {"flow", "flow", true},
                                       {"product", "", false},
                                       {"product_list", "", true},
                                       {"catalog_message", "catalog_message", true}}};

const Kind* find_kind(std::string_view type) {
    for (const auto& kind : kKinds) {
        if (kind.type == type) return &kind;
    }
    return nullptr;
}

}  // namespace

Checked<void> check_interactive(const json::value& interactive) {
    auto type = json::text(interactive, "type");
    if (type.empty()) return std::unexpected(missing_parameter("interactive['type']"));
    const Kind* kind = find_kind(type);
    if (kind == nullptr) return std::unexpected(value_not_valid("Interactive type is not valid: " + type));
    const auto* action = json::find(interactive, "action");
    if (action == nullptr || !action->is_object()) {
        return std::unexpected(missing_parameter("interactive['action']"));
    }
    if (!kind->action_name.empty() && json::text(*action, "name") != kind->action_name) {
        return std::unexpected(value_not_valid("Action name must be " + std::string(kind->action_name) + "."));
    }
    const auto* body = json::find(interactive, "body");
    if (body == nullptr && kind->body_required) return std::unexpected(missing_parameter("interactive['body']"));
    if (body != nullptr) {
        auto checked = check_length("Body text", json::text(*body, "text"), 1, type == "list" ? 4096 : 1024);
        if (!checked) return checked;
    }
    if (const auto* footer = json::find(interactive, "footer")) {
        if (auto checked = check_length("Footer text", json::text(*footer, "text"), 1, 60); !checked) return checked;
    }
    if (auto checked = check_header(interactive, type); !checked) return checked;
    if (type == "button") return check_buttons(*action);
    if (type == "list") return check_list(*action);
    if (type == "cta_url") return check_cta_url(*action);
    return {};
}

}  // namespace parley::simulator
