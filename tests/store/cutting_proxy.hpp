#pragma once

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace ota::store {

/// Stands between a store and its server, and cuts the connection at a chosen message around a COMMIT.
class cutting_proxy {
public:
    enum class cut {
        none,
        before,  ///< the server never sees the COMMIT
        half,    ///< the server sees its first half
        held,    ///< the store loses the connection; the server gets the COMMIT when the test releases it
        after,   ///< the server commits; so many messages of its answer reach the store
    };

    /// A Unix socket in `folder`, in front of the server's.
    cutting_proxy(std::string server_socket, std::filesystem::path folder);
    ~cutting_proxy();
    [[nodiscard]] std::string host() const { return folder_.string(); }

    /// What happens to the next COMMIT of a transaction that wrote; `cut::after` lets so many messages of the answer
    /// pass.
    void at_next_commit(cut how, int messages = 0);
    [[nodiscard]] bool struck() const { return struck_; }
    /// While true, new connections are closed at once.
    void refuse(bool on) { refusing_ = on; }
    /// Connections so far, refused ones too.
    [[nodiscard]] int knocks() const { return knocks_; }
    /// Sends the held COMMIT; what the server says to it, until it ends or is ready again.
    [[nodiscard]] std::string release();

private:
    struct pair {
        int client = -1, server = -1;
        int messages_left = -1;  ///< of the server's answer that may pass; -1: all
        std::string answer;      ///< not passed on yet, while messages are counted
    };

    void work();
    void welcome();
    /// False: the pair is over.
    [[nodiscard]] bool from_client(pair&);
    [[nodiscard]] bool from_server(pair&);
    static void close(pair&);

    std::string server_;
    std::filesystem::path folder_;
    int listener_ = -1;
    std::vector<pair> pairs_;
    std::atomic<bool> struck_{false}, refusing_{false}, over_{false};
    std::atomic<int> knocks_{0};
    std::mutex mutex_;
    cut plan_ = cut::none;
    int messages_ = 0;
    int held_ = -1;
    std::string held_octets_;
    std::jthread worker_;
};

}  // namespace ota::store
