// The command line of Parley.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include "app/commands.hpp"
#include "app/config.hpp"
#include "base/log.hpp"

namespace {

using parley::app::Config;

/// The commands with the values that their own options fill in.
class CommandLine {
  public:
    CommandLine() {
        app_.require_subcommand(1);
        app_.fallthrough();
        app_.set_version_flag("--version", PARLEY_VERSION);
        parley::app::add_options(app_, config_);
        add_running();
        add_doctor();
        add_webhooks();
        add_accounts();
        add_users();
        add_numbers();
    }

    int run(int argc, char** argv) {
        auto arguments = parley::app::with_environment({argv + 1, argv + argc});
        std::reverse(arguments.begin(), arguments.end());
        try {
            app_.parse(arguments);
        } catch (const CLI::ParseError& error) {
            return app_.exit(error);
        }
        parley::log::set_level(config_.log_level);
        parley::app::check(config_);
        return chosen_();
    }

  private:
    CLI::App* command(CLI::App& parent, const char* name, const char* help, std::function<int()> run) {
        auto* added = parent.add_subcommand(name, help);
        added->fallthrough();
        added->callback([this, run = std::move(run)] { chosen_ = run; });
        return added;
    }

    CLI::App* group(const char* name, const char* help) {
        auto* added = app_.add_subcommand(name, help);
        added->require_subcommand(1);
        added->fallthrough();
        return added;
    }

    void add_running() {
        command(app_, "serve", "Run the server", [this] { return parley::app::serve(config_); });
        command(app_, "demo", "Run PostgreSQL, the simulator and the server together, on this machine only",
                [this] { return parley::app::demo(config_); });
        auto* simulate = command(
            app_, "simulate", "Run a double of WhatsApp's Cloud API with a phone page (port 8081)",
            [this] { return parley::app::simulate(config_, app_.get_option("--port")->count() > 0, webhook_url_); });
        simulate->add_option("--webhook-url", webhook_url_, "Where webhooks go")->capture_default_str();
        command(app_, "migrate", "Bring the database to this version's schema",
                [this] { return parley::app::migrate(config_); });
        command(app_, "database-url", "Print the address of the running database",
                [this] { return parley::app::print_database_url(config_); });
    }

    void add_doctor() {
        auto* doctor = command(app_, "doctor", "Check whether messages can come and go, and say what is missing",
                               [this] { return parley::app::doctor(config_, doctor_); });
        doctor->add_option("--account", doctor_.account, "Only this account")->check(CLI::PositiveNumber);
        doctor->add_flag("--json", doctor_.json, "Print JSON, as the API does");
        doctor->footer("Exit code: 0 all is well, 1 something failed, 2 there are warnings only.");
    }

    void add_webhooks() {
        auto* webhooks = group("webhooks", "The journal of webhook deliveries");
        auto* list = command(*webhooks, "list", "Deliveries that are not wholly stored, newest first",
                             [this] { return parley::app::list_webhooks(config_, deliveries_); });
        list->add_flag("--all", deliveries_.all, "All deliveries");
        list->add_option("--limit", deliveries_.limit, "How many")->check(CLI::Range(1, 10'000))->capture_default_str();
        auto* replay = command(*webhooks, "replay", "Store deliveries again from their raw bodies",
                               [this] { return parley::app::replay_webhooks(config_, delivery_); });
        replay->add_option("--id", delivery_, "One delivery; absent: every one that is not wholly stored")
            ->check(CLI::PositiveNumber);
    }

    void add_accounts() {
        auto* account = group("account", "Accounts (tenants)");
        command(*account, "list", "All accounts", [this] { return parley::app::list_accounts(config_); });
        auto* add =
            command(*account, "add", "Add an account", [this] { return parley::app::add_account(config_, name_); });
        add->add_option("name", name_, "Its name")->required();
        auto* rename = command(*account, "rename", "Rename an account",
                               [this] { return parley::app::rename_account(config_, account_, name_); });
        rename->add_option("--account", account_, "Account id")->required();
        rename->add_option("name", name_, "Its new name")->required();
    }

    void add_users() {
        auto* user = group("user", "Who may sign in, and who works in an account");
        command(*user, "list", "Everybody", [this] { return parley::app::list_users(config_); });
        auto* add = command(*user, "add", "Add somebody who signs in with a password, or a member, or change a role",
                            [this] { return parley::app::add_user(config_, user_); });
        name_user(*add);
        add->add_option("--account", user_.account, "Account id; may be left out where there is only one");
        add->add_option("--role", user_.role, "owner, admin or agent")
            ->check(CLI::IsMember({"owner", "admin", "agent"}))
            ->capture_default_str();
        add->add_option("--name", user_.name, "What others see");
        add_password_file(*add);
        auto* remove = command(*user, "remove", "Remove somebody, or only from one account",
                               [this] { return parley::app::remove_user(config_, user_); });
        name_user(*remove);
        remove->add_option("--account", user_.account, "Only the membership of this account");
        auto* password = command(*user, "password", "Set a password; ends the user's sessions",
                                 [this] { return parley::app::set_user_password(config_, user_); });
        name_user(*password);
        add_password_file(*password);
        auto* token = command(*user, "token", "Print an access token for scripts",
                              [this] { return parley::app::print_user_token(config_, user_, hours_); });
        name_user(*token);
        token->add_option("--hours", hours_, "How long it is good")->check(CLI::Range(1, 24))->capture_default_str();
    }

    void name_user(CLI::App& command) {
        command.add_option("--email", user_.email, "The address that the user signs in with");
        command.add_option("--id", user_.id, "The user's UUID (the token's `sub`)");
    }

    void add_password_file(CLI::App& command) {
        command.add_option("--password-file", user_.password_file,
                           "The password is this file's first line (- for standard input); absent: asked for on a "
                           "terminal, otherwise made up and printed");
    }

    void add_numbers() {
        auto* number = group("number", "Business numbers");
        command(*number, "list", "All numbers", [this] { return parley::app::list_numbers(config_); });
        auto* add = command(*number, "add", "Add a number to an account, or change it",
                            [this] { return parley::app::add_number(config_, number_); });
        add->add_option("--account", number_.account, "Account id")->required();
        name_number(*add);
        add->add_option("--waba", number_.waba_id, "Its WhatsApp Business Account id");
        add->add_option("--display", number_.display_phone_number, "How it is shown");
        add->add_option("--name", number_.verified_name, "Its verified name");
        add->add_option("--secrets-file", number_.secrets_file,
                        "Its own secrets, one a line: token=..., app_secret=..., verify_token=... (- for standard "
                        "input); nothing after the '=' takes one away");
        auto* remove = command(*number, "remove", "Remove a number, or retire one that has conversations",
                               [this] { return parley::app::remove_number(config_, number_); });
        name_number(*remove);
        remove->add_option("--account", number_.account, "Account id; may be left out");
        auto* check = command(*number, "check", "Ask Meta whether a number is set up to work",
                              [this] { return parley::app::check_number(config_, number_); });
        name_number(*check);
        check->add_option("--account", number_.account, "Account id; may be left out");
    }

    void name_number(CLI::App& command) {
        command.add_option("--phone-number-id", number_.phone_number_id, "Meta's id of the number")->required();
    }

    CLI::App app_{"Parley: live chat for the WhatsApp Business Platform"};
    Config config_;
    std::function<int()> chosen_;
    std::string webhook_url_ = "http://127.0.0.1:8080/webhook";
    parley::app::DoctorRequest doctor_;
    parley::app::DeliveriesRequest deliveries_;
    std::int64_t delivery_ = 0;
    std::string name_;
    std::int64_t account_ = 0;
    parley::app::UserRequest user_;
    int hours_ = 12;
    parley::app::NumberRequest number_;
};

}  // namespace

int main(int argc, char** argv) {
    try {
        return CommandLine().run(argc, argv);
    } catch (const std::exception& error) {
        std::cerr << "parley: " << error.what() << '\n';
        return 1;
    }
}
