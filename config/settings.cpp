#include "config/settings.hpp"

#include "config/body.hpp"

#include <algorithm>
#include <charconv>

namespace ota::config {

std::string to_string(const fault& f) {
    auto text = f.file;
    if (f.line > 0) text += ":" + std::to_string(f.line);
    text += f.is == fault::severity::error ? ": error: " : ": warning: ";
    if (!f.path.empty()) text += f.path + ": ";
    return text + f.what;
}

bool faults::any_error() const noexcept {
    return std::any_of(list_.begin(), list_.end(), [](const fault& f) { return f.is == fault::severity::error; });
}

node::node() : body_(std::make_shared<body>()) {}
node::node(const node&) = default;
node& node::operator=(const node&) = default;
node::~node() = default;

bool node::exists() const noexcept { return body_->is != body::form::absent; }
int node::line() const noexcept { return body_->line; }
const std::string& node::path() const noexcept { return body_->path; }
std::string node::folder() const { return body_->from ? body_->from->folder : std::string(); }

void node::complain(std::string what, fault::severity is) const {
    if (!body_->from || body_->from->told == nullptr) return;
    body_->from->told->add({is, body_->from->name, body_->line, body_->path, std::move(what)});
}

node node::at(std::string_view key) const {
    body_->asked.emplace(key);
    if (body_->is == body::form::map) {
        for (const auto& [name, child] : body_->children) {
            if (name == key) return child;
        }
    }
    node absent;
    absent.body_->from = body_->from;
    absent.body_->line = body_->line;
    absent.body_->path = body_->path.empty() ? std::string(key) : body_->path + "." + std::string(key);
    return absent;
}

std::vector<node> node::items() const {
    std::vector<node> out;
    if (body_->is == body::form::sequence) {
        for (const auto& [name, child] : body_->children) out.push_back(child);
    } else if (exists()) {
        complain("should be a list");
    }
    return out;
}

std::vector<std::pair<std::string, node>> node::entries() const {
    if (body_->is == body::form::map) {
        for (const auto& [name, child] : body_->children) body_->asked.insert(name);
        return body_->children;
    }
    if (exists()) complain("should be a map of names and values");
    return {};
}

void node::finish() const {
    if (body_->is != body::form::map) {
        if (exists()) complain("should be a map of names and values");
        return;
    }
    const std::vector<std::string_view> known(body_->asked.begin(), body_->asked.end());
    for (const auto& [name, child] : body_->children) {
        if (body_->asked.contains(name)) continue;
        const auto meant = nearest(name, known);
        child.complain(meant.empty() ? "unknown setting" : "unknown setting, did you mean " + std::string(meant) + "?");
    }
}

}  // namespace ota::config
