#include "config/body.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace ota::config {

/// Builds our tree from the parser's events: unlike the library's own tree, it sees a key that is written twice.
class document::builder : public YAML::EventHandler {
public:
    explicit builder(std::shared_ptr<const source> from) : from_(std::move(from)) {}

    void OnDocumentStart(const YAML::Mark&) override {}
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark& at, YAML::anchor_t) override {
        if (at_key()) return tell(at, "a key must be a text");
        add(at, node::body::form::absent);  // "key:" with nothing behind it says as much as no key
    }
    void OnAlias(const YAML::Mark& at, YAML::anchor_t) override {
        tell(at, "aliases (*name) are not read: write the value out");
        if (at_key()) return open_.back().key.emplace("*"), void();
        add(at, node::body::form::absent);
    }
    void OnScalar(const YAML::Mark& at, const std::string& tag, YAML::anchor_t, const std::string& value) override {
        if (at_key()) {
            open_.back().key = value;
            open_.back().key_line = at.line + 1;
            return;
        }
        const bool null = tag == "?" && (value == "~" || value == "null" || value.empty());
        add(at, null ? node::body::form::absent : node::body::form::scalar, value);
    }
    void OnSequenceStart(const YAML::Mark& at, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {
        open(at, node::body::form::sequence);
    }
    void OnSequenceEnd() override { close(); }
    void OnMapStart(const YAML::Mark& at, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {
        open(at, node::body::form::map);
    }
    void OnMapEnd() override { close(); }

    [[nodiscard]] node root() const { return root_; }

private:
    struct level {
        node at;
        std::optional<std::string> key;  ///< of a map: the key whose value comes next
        int key_line = 0;
        bool is_key = false;  ///< a map or sequence that stands where a key should
    };

    [[nodiscard]] bool at_key() const {
        return !open_.empty() && open_.back().at.body_->is == node::body::form::map && !open_.back().key;
    }

    void tell(const YAML::Mark& at, std::string what) {
        const auto path = open_.empty() ? std::string() : open_.back().at.body_->path;
        from_->told->add({fault::severity::error, from_->name, at.line + 1, path, std::move(what)});
    }

    node make(const YAML::Mark& at, node::body::form is) {
        node made;
        made.body_->is = is;
        made.body_->line = at.line + 1;
        made.body_->from = from_;
        return made;
    }

    /// Puts a node where the last key or the sequence says.
    node add(const YAML::Mark& at, node::body::form is, std::string text = {}) {
        auto made = make(at, is);
        made.body_->text = std::move(text);
        if (open_.empty()) {
            root_ = made;
            return made;
        }
        auto& [parent, key, key_line, is_key] = open_.back();
        auto& siblings = parent.body_->children;
        const auto& above = parent.body_->path;
        if (parent.body_->is == node::body::form::sequence) {
            made.body_->path = above + "[" + std::to_string(siblings.size()) + "]";
            siblings.emplace_back("", made);
            return made;
        }
        made.body_->path = above.empty() ? *key : above + "." + *key;
        if (is == node::body::form::absent) made.body_->line = key_line;
        insert(siblings, *key, key_line, made);
        key.reset();
        return made;
    }

    void insert(std::vector<std::pair<std::string, node>>& siblings, const std::string& key, int line,
                const node& made) {
        for (const auto& [name, earlier] : siblings) {
            if (name != key) continue;
            from_->told->add({fault::severity::error, from_->name, line, made.body_->path,
                              "written twice (first in line " + std::to_string(earlier.line()) + "): keep one"});
            return;
        }
        siblings.emplace_back(key, made);
    }

    void open(const YAML::Mark& at, node::body::form is) {
        const bool as_key = at_key();
        if (as_key) tell(at, "a key must be a text");
        open_.push_back({as_key ? make(at, is) : add(at, is), std::nullopt, 0, as_key});
    }

    void close() {
        const bool as_key = open_.back().is_key;
        open_.pop_back();
        if (as_key) open_.back().key = "?";
    }

    std::shared_ptr<const source> from_;
    node root_;
    std::vector<level> open_;
};

document document::parse(std::string_view yaml, const std::string& name, faults& told, references how) {
    auto from = std::make_shared<source>();
    from->name = name;
    from->folder = std::filesystem::path(name).parent_path().string();
    from->told = &told;
    from->literal = how == references::literal;

    document made;
    made.root_.body_->from = from;
    std::istringstream in{std::string(yaml)};
    try {
        YAML::Parser parser(in);
        builder events(from);
        if (!parser.HandleNextDocument(events)) return made;
        builder others(std::make_shared<source>(*from));
        if (parser) told.add({fault::severity::error, name, 0, "", "more than one document: write one"});
        made.root_ = events.root();
        made.root_.body_->from = from;
    } catch (const YAML::Exception& e) {
        told.add({fault::severity::error, name, e.mark.line + 1, "", "not YAML: " + e.msg});
    }
    return made;
}

document document::load(const std::string& file, faults& told) {
    std::ifstream in(file, std::ios::binary);
    std::error_code ignored;
    if (!in || std::filesystem::is_directory(file, ignored)) {
        auto made = parse("", file, told);
        told.add({fault::severity::error, file, 0, "", "cannot be read"});
        return made;
    }
    std::ostringstream text;
    text << in.rdbuf();
    return parse(text.str(), file, told);
}

node document::root() const { return root_; }

}  // namespace ota::config
