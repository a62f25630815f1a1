#include "config/body.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

namespace ota::config {
namespace {

constexpr std::size_t longest_file = 64 * 1024;

resolved of_environment(const std::string& name) {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) return {"", "the environment has no variable " + name};
    return {value, ""};
}

/// Reads an open regular file whole.
resolved contents(int fd, const std::string& path, bool secret) {
    struct stat about {};
    if (::fstat(fd, &about) != 0 || !S_ISREG(about.st_mode)) return {"", path + " is not a regular file"};
    if (secret && (about.st_mode & S_IROTH) != 0) {
        return {"", path + " holds a secret and everybody may read it: chmod o-r"};
    }
    if (static_cast<std::size_t>(about.st_size) > longest_file) return {"", path + " is longer than 64 KiB"};
    std::string text(longest_file, '\0');
    std::size_t have = 0;
    while (have < text.size()) {
        const auto n = ::read(fd, text.data() + have, text.size() - have);
        if (n < 0) return {"", path + " cannot be read"};
        if (n == 0) break;
        have += static_cast<std::size_t>(n);
    }
    text.resize(have);
    if (text.ends_with('\n')) text.pop_back();
    if (text.ends_with('\r')) text.pop_back();
    return {std::move(text), ""};
}

resolved of_file(const std::string& name, const std::string& folder, bool secret) {
    const auto path = name.starts_with('/') || folder.empty() ? name : folder + "/" + name;
    const int fd = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);  // a FIFO must not block the start
    if (fd < 0) return {"", path + " cannot be opened"};
    auto value = contents(fd, path, secret);
    ::close(fd);
    return value;
}

resolved of_reference(std::string_view inner, const std::string& folder, bool secret) {
    if (inner.starts_with("env:")) return of_environment(std::string(inner.substr(4)));
    if (inner.starts_with("file:")) return of_file(std::string(inner.substr(5)), folder, secret);
    return {"", "a reference is ${env:NAME} or ${file:PATH}"};
}

}  // namespace

bool has_reference(std::string_view text) noexcept { return text.find("${") != std::string_view::npos; }

bool is_reference(std::string_view text) noexcept {
    return (text.starts_with("${env:") || text.starts_with("${file:")) && text.find('}') == text.size() - 1;
}

resolved resolve(std::string_view text, const std::string& folder, bool secret) {
    resolved out;
    while (true) {
        const auto begin = text.find("${");
        out.text += text.substr(0, begin);
        if (begin == std::string_view::npos) return out;
        const auto end = text.find('}', begin);
        if (end == std::string_view::npos) return {"", "a reference ${ has no closing brace"};
        auto value = of_reference(text.substr(begin + 2, end - begin - 2), folder, secret);
        if (!value.trouble.empty()) return value;
        out.text += value.text;
        text.remove_prefix(end + 1);
    }
}

}  // namespace ota::config
