// Wakes every coroutine that waits for something to change (Signal of base/async.hpp wakes one).
#pragma once

#include <algorithm>
#include <chrono>
#include <memory>
#include <vector>

#include "base/async.hpp"

namespace parley::simulator {

class Bell {
  public:
    explicit Bell(Executor executor) : executor_(executor), waiting_(std::make_shared<std::vector<Signal*>>()) {}

    void ring() {
        for (Signal* signal : *waiting_) signal->notify();
    }

    /// True when rung, false when `timeout` passed first. Look at the condition before waiting: a ring with nobody
    /// waiting is not remembered.
    awaitable<bool> wait_for(std::chrono::steady_clock::duration timeout) {
        Signal signal(executor_);
        Place place(waiting_, &signal);
        co_return co_await signal.wait_for(timeout);
    }

  private:
    using Waiting = std::shared_ptr<std::vector<Signal*>>;

    /// Shares the list, because a suspended wait may be destroyed with the io_context, after the Bell.
    class Place {
      public:
        Place(Waiting waiting, Signal* signal) : waiting_(std::move(waiting)), signal_(signal) {
            waiting_->push_back(signal_);
        }
        ~Place() { std::erase(*waiting_, signal_); }
        Place(const Place&) = delete;
        Place& operator=(const Place&) = delete;

      private:
        Waiting waiting_;
        Signal* signal_;
    };

    Executor executor_;
    Waiting waiting_;
};

}  // namespace parley::simulator
