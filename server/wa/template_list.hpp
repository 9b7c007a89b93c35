// Reading what Meta tells of templates: the list of a WhatsApp Business Account (reference, section 13.1) and webhooks
// about them (section 9).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "domain/delivery.hpp"
#include "wa/template_message.hpp"

namespace parley::wa {

inline constexpr std::size_t kTemplatesPerPage = 100;
/// A paging cursor that Meta does not know, or not any more: the list is to be read anew.
inline constexpr std::int64_t kBadCursor = 131059;

/// The path of a page of the list, for GraphCall. `after` is the cursor of the page before; empty: the first page.
std::string template_list_path(std::string_view waba_id, std::string_view after);

struct TemplatePage {
    std::vector<TemplateDefinition>
        templates;     ///< words and types in upper case; those without a usable id or name left out
    std::string next;  ///< the cursor of the next page; empty: this is the last
};

/// Empty for an answer that is no list.
std::optional<TemplatePage> read_template_page(const json::value& answer);

/// For the webhook fields about templates: what changed, or merely that something did.
std::optional<TemplateChange> read_template_change(std::string_view field, const json::value& value,
                                                   std::string_view waba_id);

}  // namespace parley::wa
