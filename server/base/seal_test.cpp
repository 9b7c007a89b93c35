#include "base/seal.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <stdexcept>

#include "base/crypto.hpp"

namespace parley {
namespace {

namespace fs = std::filesystem;

const std::string kKey(64, 'a');
const std::string kOtherKey(64, 'b');

class SealTest : public ::testing::Test {
  protected:
    ~SealTest() override { fs::remove_all(folder); }
    fs::path folder = fs::temp_directory_path() / ("parley-seal-" + random_uuid());
    fs::path file = folder / "seal-key";
};

TEST_F(SealTest, opens_what_it_closed_at_the_same_place_only) {
    Seal seal("", kKey);
    for (const auto& secret : {std::string(), std::string("EAAG-token"), std::string(5000, 'x')}) {
        auto sealed = seal.close(secret, "1/number/token");
        if (!secret.empty()) EXPECT_EQ(sealed.find(secret), std::string::npos);
        EXPECT_EQ(seal.open(sealed, "1/number/token").value(), secret);
        EXPECT_FALSE(seal.open(sealed, "2/number/token")) << "a value that was moved to another row";
    }
}

TEST_F(SealTest, never_uses_a_nonce_twice) {
    Seal seal("", kKey);
    EXPECT_NE(seal.close("same", "place"), seal.close("same", "place"));
}

TEST_F(SealTest, says_that_the_key_is_another_one) {
    auto sealed = Seal("", kKey).close("secret", "place");
    auto opened = Seal("", kOtherKey).open(sealed, "place");
    ASSERT_FALSE(opened);
    EXPECT_NE(opened.error().find("seal key"), std::string::npos);
}

TEST_F(SealTest, refuses_changed_cut_and_foreign_values) {
    Seal seal("", kKey);
    auto sealed = seal.close("secret", "place");
    for (std::size_t i = 0; i < sealed.size(); ++i) {
        auto changed = sealed;
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        EXPECT_FALSE(seal.open(changed, "place")) << i;
        EXPECT_FALSE(seal.open(sealed.substr(0, i), "place")) << i;
    }
    EXPECT_FALSE(seal.open("", "place"));
    EXPECT_FALSE(seal.open("secret", "place"));
}

TEST_F(SealTest, makes_its_file_at_the_first_need_for_the_owner_alone) {
    Seal seal(file, "");
    auto missing = seal.open("1.AAAA", "place");
    ASSERT_FALSE(missing);
    EXPECT_NE(missing.error().find(file.string()), std::string::npos);
    EXPECT_FALSE(fs::exists(file)) << "opening must not make a key";

    auto sealed = seal.close("secret", "place");
    EXPECT_EQ(fs::file_size(file), 32u);
    struct stat status{};
    ASSERT_EQ(stat(file.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777u, 0600u);
    EXPECT_EQ(Seal(file, "").open(sealed, "place").value(), "secret");
    EXPECT_EQ(std::distance(fs::directory_iterator(folder), fs::directory_iterator()), 1) << "no draft stays behind";
}

TEST_F(SealTest, refuses_keys_of_another_form) {
    EXPECT_THROW(Seal("", "abc"), std::invalid_argument);
    EXPECT_THROW(Seal("", std::string(64, 'g')), std::invalid_argument);
    fs::create_directories(folder);
    std::ofstream(file) << "too short";
    Seal seal(file, "");
    EXPECT_THROW(seal.close("secret", "place"), std::runtime_error);
    EXPECT_FALSE(seal.open("1.AAAA", "place"));
}

}  // namespace
}  // namespace parley
