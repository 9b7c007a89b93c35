// The JSON shapes of contract/openapi.yaml, written straight into a string: lists are the hot path of every screen.
#pragma once

#include <string>
#include <utility>

#include "store/accounts.hpp"
#include "store/contacts.hpp"
#include "store/conversations.hpp"
#include "store/messages.hpp"

namespace parley::wire {

void write(std::string& out, const store::ConversationOverview& conversation);
void write(std::string& out, const store::MessageOverview& message);
void write(std::string& out, const store::MediaOverview& media);
void write(std::string& out, const store::MessageVersion& version);
void write(std::string& out, const store::NumberOverview& number);
void write(std::string& out, const store::Contact& contact);
void write(std::string& out, const store::ContactIdentity& identity);
void write(std::string& out, const store::ContactConversation& conversation);
void write(std::string& out, const store::ContactMerge& merge);
void write(std::string& out, const store::FoundContact& contact);
/// {"code","title","details"}
void write(std::string& out, const MessageError& error);
/// A JSON string with its quotes.
void write_text(std::string& out, std::string_view text);

/// "[a,b]" of any of the above.
template <class Items>
void write_list(std::string& out, const Items& items) {
    out += '[';
    for (bool first = true; const auto& item : items) {
        if (!std::exchange(first, false)) out += ',';
        write(out, item);
    }
    out += ']';
}

}  // namespace parley::wire
