#include "flow/templates.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"

namespace parley::flow {
namespace {

/// Meta's limit (reference, section 13.2).
constexpr std::size_t kLongestName = 512;

wa::TemplateDefinition definition_of(const store::MessageTemplate& stored) {
    wa::TemplateDefinition out;
    out.id = stored.id;
    out.name = stored.name;
    out.language = stored.language;
    out.category = stored.category;
    out.status = stored.status;
    out.parameter_format = stored.parameter_format;
    if (auto components = json::parse(stored.components); components && components->is_array())
        out.components = std::move(components->get_array());
    out.quality = stored.quality.value_or("");
    out.rejected_reason = stored.rejected_reason.value_or("");
    return out;
}

Result<std::string> read_word(const json::value& request, const char* name) {
    auto member = std::string("template.") + name;
    const auto* given = json::find(request, name);
    if (!given || !given->is_string() || given->get_string().empty())
        return failure(Errc::invalid_argument, member + " must be a string that is not empty.", member);
    std::string word(given->get_string());
    if (word.size() > kLongestName || !is_storable_text(word))
        return failure(Errc::invalid_argument, member + " must have at most 512 bytes of valid text.", member);
    return word;
}

awaitable<Error> unknown_template(store::Pool& pool, AccountId account, std::string phone_number_id) {
    auto syncs = co_await store::template_syncs_of(pool, account, std::move(phone_number_id));
    Error error{Errc::not_found, "There is no template of this name for this number.", "template.name"};
    if (syncs.empty())
        error.detail = "The WhatsApp Business Account of this number is not known, so its templates are not either.";
    else if (!syncs.front().synced_at && syncs.front().problem)
        error.detail = "The templates could not be read from Meta yet. " + syncs.front().problem->detail;
    else if (!syncs.front().synced_at)
        error.detail = "The templates have not been read from Meta yet: try again in a moment.";
    co_return error;
}

}  // namespace

awaitable<std::vector<ListedTemplate>> list_templates(store::Pool& pool, AccountId account,
                                                      store::TemplateQuery query) {
    auto stored = co_await store::list_templates(pool, account, std::move(query));
    std::vector<ListedTemplate> out;
    out.reserve(stored.size());
    for (auto& one : stored) {
        auto reason = wa::not_sendable_reason(definition_of(one));
        out.push_back({std::move(one), std::move(reason)});
    }
    co_return out;
}

awaitable<Result<wa::PreparedTemplate>> find_and_prepare_template(store::Pool& pool, AccountId account,
                                                                  std::string phone_number_id, json::value request) {
    if (!request.is_object()) co_return failure(Errc::invalid_argument, "template must be an object.", "template");
    auto name = read_word(request, "name");
    if (!name) co_return std::unexpected(name.error());
    auto language = read_word(request, "language");
    if (!language) co_return std::unexpected(language.error());
    auto languages = co_await store::templates_named(pool, account, phone_number_id, *name);
    if (languages.empty()) {
        auto error = co_await unknown_template(pool, account, std::move(phone_number_id));
        co_return std::unexpected(std::move(error));
    }
    auto found = std::ranges::find(languages, *language, &store::MessageTemplate::language);
    if (found == languages.end()) {
        std::string existing;
        for (const auto& one : languages) existing += (existing.empty() ? "" : ", ") + one.language;
        co_return failure(Errc::not_found,
                          "This template is not there in this language; it exists in: " + existing + ".",
                          "template.language");
    }
    co_return wa::prepare_template(definition_of(*found), request);
}

}  // namespace parley::flow
