// What /proc tells about running processes. A process that is gone counts as nothing.
#pragma once

#include <string>

namespace parley::bench {

/// CPU seconds that a process has used so far, all its threads together.
double cpu_seconds(int pid);
/// The same with its children, those that have ended included.
double cpu_seconds_with_children(int pid);
/// CPU seconds of this program.
double own_cpu_seconds();
/// A line of /proc/PID/status in MiB: VmRSS (resident now), VmHWM (the most so far).
double memory_mib(int pid, const std::string& line);
std::string process_name(int pid);
int parent_of(int pid);

}  // namespace parley::bench
