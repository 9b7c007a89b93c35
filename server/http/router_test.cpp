#include "http/router.hpp"

#include <gtest/gtest.h>

namespace parley::http {
namespace {

awaitable<Response> nothing(Request&) {
    co_return text_response(204, "");
}

Router a_router() {
    Router router;
    router.add(Method::get, "/", nothing);
    router.add(Method::get, "/items", nothing);
    router.add(Method::post, "/items", nothing, 10);
    router.add(Method::get, "/items/new", nothing);
    router.add(Method::get, "/items/{id}", nothing);
    router.add(Method::del, "/items/{id}", nothing);
    router.add(Method::get, "/items/{id}/parts/{part}", nothing);
    return router;
}

std::string pattern_of(const Router::Match& match) {
    return match.route ? match.route->pattern : "";
}

TEST(Router, finds_the_route_of_method_and_path) {
    auto router = a_router();
    EXPECT_EQ(pattern_of(router.match(Method::get, "/")), "/");
    auto match = router.match(Method::post, "/items");
    ASSERT_TRUE(match.route);
    EXPECT_EQ(match.route->method, Method::post);
    EXPECT_EQ(match.route->options.body_limit, 10U);
    EXPECT_EQ(pattern_of(router.match(Method::get, "/items/new")), "/items/new");
}

TEST(Router, takes_parameters_percent_decoded) {
    auto router = a_router();
    auto match = router.match(Method::get, "/items/a%20b/parts/%7Bx%7d");
    EXPECT_EQ(pattern_of(match), "/items/{id}/parts/{part}");
    ASSERT_EQ(match.path_parameters.size(), 2U);
    EXPECT_EQ(match.path_parameters[0], std::pair(std::string("id"), std::string("a b")));
    EXPECT_EQ(match.path_parameters[1], std::pair(std::string("part"), std::string("{x}")));
}

TEST(Router, answers_head_with_the_get_route) {
    auto router = a_router();
    EXPECT_EQ(pattern_of(router.match(Method::head, "/items/7")), "/items/{id}");
}

TEST(Router, finds_nothing_for_other_paths) {
    auto router = a_router();
    for (std::string_view path : {"", "x", "//", "/item", "/items/", "/items//", "/items/7/", "/items/7/parts",
                                  "/items/%zz", "/items/%00", "/items//parts/1", "/items/7/parts/8/9"}) {
        auto match = router.match(Method::get, path);
        EXPECT_FALSE(match.route) << path;
        EXPECT_TRUE(match.allowed.empty()) << path;
    }
}

TEST(Router, names_the_allowed_methods_once) {
    auto router = a_router();
    auto match = router.match(Method::put, "/items");
    EXPECT_FALSE(match.route);
    EXPECT_EQ(match.allowed, (std::vector{Method::get, Method::head, Method::post}));
    EXPECT_EQ(router.match(Method::post, "/items/new").allowed, (std::vector{Method::get, Method::head, Method::del}));
}

TEST(Router, refuses_a_pattern_that_is_no_path) {
    Router router;
    EXPECT_THROW(router.add(Method::get, "items", nothing), std::invalid_argument);
}

}  // namespace
}  // namespace parley::http
