// libtsan of GCC 12 does not know pthread_mutex_clocklock, which std::timed_mutex waits by: it takes each unlock behind
// it for one of a mutex that nobody locked. Builds under ThreadSanitizer wait by the lock that it knows.
#include <pthread.h>

#include <ctime>

extern "C" int pthread_mutex_clocklock(pthread_mutex_t* mutex, clockid_t clock, const timespec* until) noexcept {
    constexpr long second = 1'000'000'000;
    timespec here{}, wall{};
    clock_gettime(clock, &here);
    clock_gettime(CLOCK_REALTIME, &wall);
    wall.tv_sec += until->tv_sec - here.tv_sec;
    wall.tv_nsec += until->tv_nsec - here.tv_nsec;
    if (wall.tv_nsec < 0) wall.tv_nsec += second, --wall.tv_sec;
    if (wall.tv_nsec >= second) wall.tv_nsec -= second, ++wall.tv_sec;
    return pthread_mutex_timedlock(mutex, &wall);
}
