// Work that would hold up the loop (hashing, fsync) on threads of its own.
#pragma once

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <exception>
#include <memory>
#include <optional>
#include <type_traits>

#include "base/async.hpp"

namespace parley {

/// Runs `work` on one of `threads` and returns, or throws, what it does. A caller that is cancelled meanwhile is waited
/// for by nobody: the work owns what it needs. `work` does not return void.
template <class Work>
awaitable<std::invoke_result_t<Work&>> run_blocking(asio::thread_pool& threads, Work work) {
    using Result = std::invoke_result_t<Work&>;
    struct Job {
        Job(Executor executor, Work todo) : done(executor, Timer::time_point::max()), work(std::move(todo)) {}
        Timer done;
        Work work;
        std::optional<Result> result;
        std::exception_ptr failure;
        bool over = false;
    };
    auto executor = co_await asio::this_coro::executor;
    auto job = std::make_shared<Job>(executor, std::move(work));
    asio::post(threads, [job, executor]() mutable {
        try {
            job->result.emplace(job->work());
        } catch (...) {
            job->failure = std::current_exception();
        }
        // The job ends on the loop's thread, where its timer lives.
        asio::post(executor, [finished = std::move(job)] {
            finished->over = true;
            finished->done.cancel();
        });
    });
    boost::system::error_code ignored;
    while (!job->over) co_await job->done.async_wait(asio::redirect_error(use_awaitable, ignored));
    if (job->failure) std::rethrow_exception(job->failure);
    co_return std::move(*job->result);
}

}  // namespace parley
