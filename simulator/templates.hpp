// The message templates of the simulated WABA.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "simulator/graph_error.hpp"

namespace parley::simulator {

/// One row per name and language, as Meta lists them.
struct Template {
    std::string id;
    std::string name;
    std::string language;
    std::string status;    ///< APPROVED, PENDING, REJECTED, PAUSED, ...
    std::string category;  ///< MARKETING, UTILITY, AUTHENTICATION
    std::string parameter_format = "POSITIONAL";
    std::string quality = "UNKNOWN";       ///< GREEN, YELLOW, RED, UNKNOWN
    std::string rejected_reason = "NONE";  ///< why it is REJECTED: INVALID_FORMAT, SCAM, ...
    json::array components;
};

/// What a list or a read shows unless `fields` asks for more.
inline constexpr std::string_view kTemplateFields = "name,parameter_format,components,language,status,category,id";

json::object to_json(const Template& message_template);

/// In memory, at most kMaxTemplates.
class TemplateStore {
  public:
    static constexpr std::size_t kMaxTemplates = 1'000;

    TemplateStore() { reset(); }
    /// Back to the seeded ones.
    void reset();
    void renew_ids();

    const std::vector<Template>& all() const { return templates_; }
    const Template* find(std::string_view name, std::string_view language) const;
    Template* find_by_id(std::string_view id);

    /// Checks a creation request and stores it as PENDING.
    Checked<Template> create(const json::value& body);
    /// All languages of `name`, or the one with `id` when it is not empty. Returns how many went.
    std::size_t remove(std::string_view name, std::string_view id);

  private:
    std::vector<Template> templates_;
};

/// Checks `template` of a send request against the stored ones: 132001, 132000, 132012, 132015, 132016, 131008, 131009.
/// Returns the category in lower case.
Checked<std::string> check_template_send(const json::value& message_template, const TemplateStore& templates);

/// An accepted template send as the customer sees it:
/// {"header":{"format","text"?,"image"|"video"|"document"|"location"?},"body","footer"?,
///  "buttons":[{"type","text","url"?,"phone_number"?,"code"?,"payload"?}]}
json::object render_template(const json::value& message_template, const TemplateStore& templates);

}  // namespace parley::simulator
