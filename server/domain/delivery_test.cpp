#include "domain/delivery.hpp"

#include <gtest/gtest.h>

namespace parley {
namespace {

template <class Item>
DeliveryItem of_number(const char* phone_number_id) {
    Item item{};
    item.number.phone_number_id = phone_number_id;
    return item;
}

TEST(NumberOf, tells_where_every_kind_of_item_belongs) {
    for (const auto& item :
         {of_number<IncomingMessage>("1"), of_number<ReactionChange>("1"), of_number<MessageEdit>("1"),
          of_number<MessageRevoke>("1"), of_number<StatusReport>("1"), of_number<IdentityChange>("1")})
        EXPECT_EQ(number_of(item).phone_number_id, "1") << item.index();
}

}  // namespace
}  // namespace parley
