#include "gateway/cli/population_import.hpp"

#include "gateway/cards/import.hpp"
#include "gateway/cards/open_store.hpp"

#include <condition_variable>
#include <filesystem>
#include <istream>
#include <mutex>
#include <streambuf>
#include <thread>

namespace ota::cli {

namespace {

/// The population's CSV as a stream: one thread writes a piece, the importer reads it. No file ever holds the keys.
class csv_pipe final : public std::streambuf {
public:
    explicit csv_pipe(const sandbox::population& who) : writer_([this, &who] { write(who); }) {}
    ~csv_pipe() override {
        {
            std::lock_guard lock(mutex_);
            closed_ = true;
        }
        changed_.notify_all();
        writer_.join();
    }

private:
    void write(const sandbox::population& who) {
        (void)who.write_csv([this](std::string_view part) {
            std::unique_lock lock(mutex_);
            changed_.wait(lock, [&] { return next_.empty() || closed_; });
            if (closed_) return false;
            next_ = part;
            changed_.notify_all();
            return true;
        });
        std::lock_guard lock(mutex_);
        finished_ = true;
        changed_.notify_all();
    }
    int_type underflow() override {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return !next_.empty() || finished_; });
        if (next_.empty()) return traits_type::eof();
        now_ = std::move(next_);
        next_.clear();
        changed_.notify_all();
        setg(now_.data(), now_.data(), now_.data() + now_.size());
        return traits_type::to_int_type(now_.front());
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    std::string now_, next_;
    bool finished_ = false, closed_ = false;
    std::thread writer_;
};

}  // namespace

bool import_population(const gateway_settings& settings, const sandbox::population& who, std::string& why,
                       const std::function<bool()>& stopped) {
    std::error_code ec;
    std::filesystem::create_directories(settings.data_directory, ec);
    auto kek = cards::load_key_encryption_key(settings.key_encryption_key_path(), cards::when_missing::create);
    if (!kek) {
        why = "the key-encryption key cannot be used: " + kek.error().message();
        return false;
    }
    auto state = cards::open_store(settings, {}, why);
    if (!state) return false;
    cards::import_parts parts{
        *state.value(),
        settings.profiles,
        kek.value(),
        cards::system_random,
        [] { return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()); },
        [&](const cards::row_fault& f) {
            if (!f.warning) why = "row " + std::to_string(f.row) + ": " + f.field + ": " + f.what;
        },
        {},
        stopped};
    csv_pipe pipe(who);
    std::istream in(&pipe);
    auto report = cards::import_cards(in, parts);
    if (!report) {
        why = "the cards cannot be imported: " + report.error().message();
        return false;
    }
    return report.value().rejected == 0;
}

}  // namespace ota::cli
