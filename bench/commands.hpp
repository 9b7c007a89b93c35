// The commands of parley-bench. Each prints one JSON object on one line and returns the exit code: 0, or 1 when what it
// checks did not hold. What stops it from measuring at all is thrown.
#pragma once

#include <string>
#include <vector>

namespace parley::bench {

struct IngestOptions {
    std::string url;
    std::string secret;
    std::string phone_number_id;
    std::string waba;
    std::string database;
    int connections = 64;
    double seconds = 5;
    double rate = 0;  ///< deliveries per second, due whether or not the server keeps up; 0: closed loop
    int customers = 10000;
    int messages = 1;    ///< per delivery
    int prepare = 0;     ///< deliveries made ready; 0: enough for 30,000 messages per second
    int server_pid = 0;  ///< whose CPU time is counted; 0: nobody's
    int round = 0;
};
/// Sends signed deliveries and then looks in the database whether each acknowledged message is there exactly once.
int ingest(const IngestOptions& options);

struct ReadsOptions {
    std::string url;  ///< of the server, without a path
    std::string token;
    std::string database;
    std::string phone_number_id;
    int connections = 4;
    int conversations = 1000;  ///< how many different threads are read
    double seconds = 5;
    int round = 0;
};
/// Reads the conversation list, then threads, as the inbox does.
int reads(const ReadsOptions& options);

struct LiveOptions {
    std::string url;  ///< of the server, without a path
    std::string secret;
    std::string jwt_secret;  ///< signs the agents' access tokens
    std::string token;       ///< of one agent who has all the sockets; without it they are of several
    std::string phone_number_id;
    std::string waba;
    std::string database;
    int sockets = 100;
    int sockets_per_agent = 1;
    double rate = 200;  ///< deliveries per second
    double seconds = 5;
    int customers = 1000;
    int server_pid = 0;
    int round = 0;
};
/// Sends webhooks at a rate and takes the time until each has reached each of the connected agents.
int live(const LiveOptions& options);
/// Connects many sockets, reads the server's memory, cuts all, stores one message of each customer, and takes the time
/// until all sockets are back and have what they missed.
int swarm(const LiveOptions& options);

struct BaselineOptions {
    std::string database;
    int batch = 500;
    int customers = 10000;
    double seconds = 5;
    int round = 0;
};
/// Writes the rows of text messages in plain SQL batches to copies of the tables.
int baseline(const BaselineOptions& options);

struct SeedOptions {
    std::string database;
    std::string phone_number_id;
    long messages = 10000;
    long conversations = 0;  ///< 0: one for 200 messages
    long account = 0;        ///< 0: the one of the business number
    std::string name;        ///< of all customers; without it each has its own
};
/// Fills the tables with a history of 90 days.
int seed(const SeedOptions& options);

struct StartOptions {
    std::string url;  ///< answers 200 when the server is ready
    std::string name;
    std::string log;
    std::vector<std::string> command;
    int runs = 5;
    double settle = 1;  ///< seconds between ready and the reading of memory
};
/// Starts a server several times and takes the time until it is ready, and its memory when idle.
int start(const StartOptions& options);

struct WaitOptions {
    std::string url;
    int pid = 0;  ///< stop waiting when this process is gone; 0: none
    double seconds = 60;
};
/// Waits until the URL answers 200. Prints nothing.
int wait(const WaitOptions& options);

struct TokenOptions {
    std::string secret;
    std::string subject;
};
/// Prints an access token (HS256) as Supabase would issue it, valid for a day.
int token(const TokenOptions& options);

struct ProcessOptions {
    std::string name;
    int pid = 0;
};
/// Prints the memory of a running process.
int process(const ProcessOptions& options);

struct ReportOptions {
    std::string runs;    ///< file of the lines printed by the commands above
    std::string output;  ///< results.json
};
/// Prints medians as Markdown tables and writes them with all runs as JSON.
int report(const ReportOptions& options);

}  // namespace parley::bench
