// user: the commands about people who sign in and the accounts that they work in.
#include <termios.h>
#include <unistd.h>

#include <boost/json/serialize.hpp>
#include <fstream>
#include <iostream>
#include <stdexcept>

#include "app/command_database.hpp"
#include "app/commands.hpp"
#include "app/service.hpp"
#include "auth/passwords.hpp"
#include "auth/sign_in.hpp"
#include "base/crypto.hpp"
#include "store/accounts.hpp"
#include "store/users.hpp"

namespace parley::app {
namespace {

template <class T>
T expect(auth::Granted<T> outcome) {
    if (!outcome) throw std::invalid_argument(outcome.error().message);
    if constexpr (!std::is_void_v<T>) return std::move(*outcome);
}

std::string first_line(std::istream& in) {
    std::string line;
    std::getline(in, line);
    if (line.ends_with('\r')) line.pop_back();
    return line;
}

/// Asks on the terminal without showing what is typed.
std::string ask(const char* question) {
    std::cerr << question << std::flush;
    termios shown{};
    tcgetattr(STDIN_FILENO, &shown);
    auto hidden = shown;
    hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(STDIN_FILENO, TCSANOW, &hidden);
    auto line = first_line(std::cin);
    tcsetattr(STDIN_FILENO, TCSANOW, &shown);
    std::cerr << '\n';
    return line;
}

struct Password {
    std::string text;
    bool made_up = false;
};

Password choose_password(const UserRequest& request) {
    Password password;
    if (request.password_file == "-") {
        password.text = first_line(std::cin);
    } else if (!request.password_file.empty()) {
        std::ifstream in(request.password_file);
        if (!in) throw std::invalid_argument("--password-file: " + request.password_file + " cannot be read.");
        password.text = first_line(in);
    } else if (isatty(STDIN_FILENO)) {
        password.text = ask("Password (empty: one is made up): ");
        if (!password.text.empty() && ask("Once more: ") != password.text)
            throw std::invalid_argument("The two differ.");
    }
    password.made_up = password.text.empty() && request.password_file.empty();
    if (password.made_up) password.text = to_base64url(random_bytes(15));
    expect(auth::check_password(password.text));
    return password;
}

void print_made_up(const Password& password) {
    if (password.made_up) std::cout << "Password: " << password.text << "\nIt is shown only now.\n";
}

void require_sign_in_here(const Config& config) {
    if (!signs_in_here(config))
        throw std::invalid_argument("People sign in at the Supabase project: name them with --id.");
}

void check_id(const UserRequest& request) {
    if (!request.id.empty() && !is_uuid(request.id)) throw std::invalid_argument("--id must be a UUID.");
}

/// The account that is meant: the one that is named, the only one, or the first of a new database.
awaitable<AccountId> account_of(store::Pool& pool, std::int64_t named) {
    if (named != 0) co_return AccountId{named};
    auto accounts = co_await pool.query("list_accounts");
    if (accounts.size() > 1) throw std::invalid_argument("There are several accounts: name one with --account.");
    if (accounts.size() == 1) co_return accounts.front().get<AccountId>("id");
    co_return co_await store::add_account(pool, "Default");
}

awaitable<void> join_account(store::Pool& pool, AccountId account, std::string user_id, std::string role) {
    auto put = co_await store::put_member(pool, account, std::move(user_id), std::move(role));
    if (!put) throw std::invalid_argument(put.error().detail);
}

awaitable<void> add_member(store::Pool& pool, UserRequest request) {
    auto account = co_await account_of(pool, request.account);
    co_await join_account(pool, account, request.id, request.role);
    std::cout << "User " << request.id << " is " << request.role << " of account " << account.value << ".\n";
}

awaitable<void> add_person(store::Pool& pool, UserRequest request) {
    auto account = co_await account_of(pool, request.account);
    auto known = co_await store::find_user_by_email(pool, request.email);
    Password password;
    if (!known) {
        password = choose_password(request);
        store::NewUser user;
        user.id = request.id.empty() ? random_uuid() : request.id;
        user.email = request.email;
        user.password_hash = auth::hash_password(password.text);
        if (!request.name.empty())
            user.user_metadata = boost::json::serialize(boost::json::object{{"display_name", request.name}});
        auto added = co_await store::add_user(pool, std::move(user));
        if (!added) throw std::invalid_argument("The user cannot be added: the address, or the name, is not accepted.");
        known = std::move(*added);
    } else {
        std::cout << request.email << " can sign in already; the password stays.\n";
    }
    co_await join_account(pool, account, known->id, request.role);
    std::cout << request.email << " (" << known->id << ") is " << request.role << " of account " << account.value
              << ".\n";
    print_made_up(password);
}

awaitable<void> print_people(store::Pool& pool) {
    auto people = co_await store::list_people(pool);
    for (const auto& person : people) {
        if (person.account)
            std::cout << "account " << person.account->value << "  " << person.user_id << "  " << person.role;
        else
            std::cout << "no account  " << person.user_id;
        if (!person.email.empty()) std::cout << "  " << person.email;
        std::cout << '\n';
    }
}

awaitable<store::User> find_person(store::Pool& pool, UserRequest request) {
    if (request.email.empty()) throw std::invalid_argument("Name the user with --email or --id.");
    auto user = co_await store::find_user_by_email(pool, request.email);
    if (!user) throw std::invalid_argument("There is no user with this address.");
    co_return std::move(*user);
}

/// The id of the person, by address or by id.
awaitable<std::string> find_id(store::Pool& pool, UserRequest request) {
    if (!request.id.empty()) co_return request.id;
    auto user = co_await find_person(pool, std::move(request));
    co_return user.id;
}

awaitable<void> drop_person(store::Pool& pool, UserRequest request) {
    auto id = co_await find_id(pool, request);
    if (request.account == 0) {
        bool removed = co_await store::remove_user(pool, id);
        std::cout << (removed ? "Removed.\n" : "There is no such user.\n");
        co_return;
    }
    store::Params params;
    params.add(AccountId{request.account}).add(id);
    auto rows = co_await pool.query("remove_member", std::move(params));
    std::cout << (rows.affected() ? "Removed.\n" : "There is no such member.\n");
}

awaitable<void> put_password(store::Pool& pool, UserRequest request) {
    auto id = co_await find_id(pool, request);
    auto password = choose_password(request);
    store::UserChange change;
    change.password_hash = auth::hash_password(password.text);
    store::EndSessions end{.any = true};
    std::vector<std::string> ended;
    auto changed = co_await store::update_user(pool, id, std::move(change), std::move(end), ended);
    if (!changed) throw std::invalid_argument("There is no such user.");
    std::cout << "The password is set; sessions ended: " << ended.size() << ".\n";
    print_made_up(password);
}

awaitable<void> print_token(store::Pool& pool, UserRequest request, const Config& config, int hours) {
    auto user = co_await find_person(pool, std::move(request));
    std::cout << mint_token(config, user, std::chrono::hours(hours)) << '\n';
}

}  // namespace

int list_users(const Config& config) {
    CommandDatabase database(config);
    database.run(print_people(database.pool()));
    return 0;
}

int add_user(const Config& config, UserRequest request) {
    check_id(request);
    if (!request.email.empty()) {
        require_sign_in_here(config);
        request.email = expect(auth::normal_email(request.email));
        CommandDatabase database(config);
        database.run(add_person(database.pool(), std::move(request)));
        return 0;
    }
    if (request.account == 0) throw std::invalid_argument("Name the user with --email, or a member with --account.");
    if (request.id.empty()) request.id = random_uuid();
    CommandDatabase database(config);
    database.run(add_member(database.pool(), std::move(request)));
    return 0;
}

int remove_user(const Config& config, UserRequest request) {
    check_id(request);
    if (!request.email.empty()) request.email = expect(auth::normal_email(request.email));
    CommandDatabase database(config);
    database.run(drop_person(database.pool(), std::move(request)));
    return 0;
}

int set_user_password(const Config& config, UserRequest request) {
    require_sign_in_here(config);
    check_id(request);
    if (!request.email.empty()) request.email = expect(auth::normal_email(request.email));
    CommandDatabase database(config);
    database.run(put_password(database.pool(), std::move(request)));
    return 0;
}

int print_user_token(const Config& config, UserRequest request, int hours) {
    check_id(request);
    if (!config.supabase_url.empty())
        throw std::invalid_argument("With SUPABASE_URL tokens come from that project: sign in there.");
    if (!request.id.empty()) {
        store::User user;
        user.id = request.id;
        std::cout << mint_token(config, user, std::chrono::hours(hours)) << '\n';
        return 0;
    }
    require_sign_in_here(config);
    if (!request.email.empty()) request.email = expect(auth::normal_email(request.email));
    CommandDatabase database(config);
    database.run(print_token(database.pool(), std::move(request), config, hours));
    return 0;
}

}  // namespace parley::app
