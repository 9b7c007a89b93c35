// Message templates for those who choose and send them.
#pragma once

#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "store/templates.hpp"
#include "wa/template_message.hpp"

namespace parley::flow {

struct ListedTemplate {
    store::MessageTemplate stored;
    std::string not_sendable_reason;  ///< a sentence for people; empty: it can be sent
};

awaitable<std::vector<ListedTemplate>> list_templates(store::Pool& pool, AccountId account, store::TemplateQuery query);

/// The template that `request` (the member "template" of a message to send) names, of this number's WhatsApp Business
/// Account, filled in. Errc::not_found with the member "template.name" or "template.language"; otherwise the errors of
/// wa::prepare_template.
awaitable<Result<wa::PreparedTemplate>> find_and_prepare_template(store::Pool& pool, AccountId account,
                                                                  std::string phone_number_id, json::value request);

}  // namespace parley::flow
