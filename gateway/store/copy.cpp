#include "gateway/store/copy.hpp"

#include "gateway/store/whole.hpp"

#include <algorithm>

namespace ota::store {

namespace outcome = BOOST_OUTCOME_V2_NAMESPACE;

namespace {

constexpr std::size_t page = 2000;

bool same(const card_row& a, const card_row& b) {  // versions begin anew
    return a.id == b.id && a.iccid == b.iccid && a.msisdn == b.msisdn && a.msisdn_since == b.msisdn_since &&
           a.profile == b.profile && a.is == b.is && a.labels == b.labels && a.sealed_keys == b.sealed_keys &&
           a.twin == b.twin && a.due == b.due;
}
bool same(const event_row& a, const event_row& b) {
    return a.seq == b.seq && a.source == b.source && a.id == b.id && a.card == b.card && a.previous == b.previous &&
           a.op == b.op && a.state == b.state && a.node == b.node && a.subject == b.subject && a.reason == b.reason &&
           a.detail == b.detail && a.traceparent == b.traceparent && a.revision == b.revision &&
           a.content_hash == b.content_hash && a.accepted_at == b.accepted_at && a.closed_at == b.closed_at;
}
bool same(const submission_row& a, const submission_row& b) {
    return a.packet == b.packet && a.segment == b.segment && a.attempt == b.attempt && a.card == b.card &&
           a.route == b.route && a.message_id == b.message_id && a.at == b.at && a.receipt == b.receipt &&
           a.receipt_at == b.receipt_at;
}
bool same(const history_row& a, const history_row& b) {
    return a.seq == b.seq && a.card == b.card && a.previous == b.previous && a.at == b.at && a.what == b.what;
}
bool same(const outbox_row& a, const outbox_row& b) {
    return a.seq == b.seq && a.topic == b.topic && a.key == b.key && a.value == b.value;
}
bool same(const later_state& a, const later_state& b) {
    return a.seq == b.seq && a.state == b.state && a.sequence == b.sequence && a.at == b.at;
}
bool same(const receipt_mark& a, const receipt_mark& b) {
    return a.route == b.route && a.message_id == b.message_id && a.receipt == b.receipt && a.at == b.at;
}
template <class T>
bool same(const T& a, const T& b) {
    return a == b;
}

template <class T>
bool all_same(const std::vector<T>& a, const std::vector<T>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const T& x, const T& y) { return same(x, y); });
}

/// A store, read and written page by page, each page in a transaction of its own.
class side {
public:
    explicit side(store& of) : store_(of) {}

    template <class Read>
    auto read(Read&& with) -> decltype(with(std::declval<transaction&>(), std::declval<whole&>())) {
        OTA_TRY(auto tx, store_.begin());
        auto* const all = dynamic_cast<whole*>(tx.get());
        if (all == nullptr) return errc::misuse;
        return with(*tx, *all);
    }
    template <class Write>
    wire::result<void> write(Write&& with) {
        OTA_TRY(auto tx, store_.begin());
        auto* const all = dynamic_cast<whole*>(tx.get());
        if (all == nullptr) return errc::misuse;
        OTA_TRY(with(*tx, *all));
        return tx->commit();
    }

private:
    store& store_;
};

/// Rows of one kind: how to read the page behind a row, and how to write a page.
template <class Row>
struct kind {
    const char* name;
    std::size_t* count;
    std::function<wire::result<std::vector<Row>>(transaction&, whole&, const Row* last)> read;
    std::function<wire::result<void>(transaction&, whole&, std::vector<Row>&)> write;
    std::function<void(Row&)> as_written = nullptr;  ///< where a row is not written as it was read
};

class copier {
public:
    copier(store& from, store& to, const std::function<void(const std::string&)>& tell)
        : from_(from), to_(to), tell_(tell) {}

    wire::result<copied> all() {
        OTA_TRY(nothing_there());
        OTA_TRY(mark(""));
        OTA_TRY(make_room());
        for (const bool verifying : {false, true}) {
            verifying_ = verifying;
            OTA_TRY(rows_of_cards());
            OTA_TRY(rows_of_events());
            OTA_TRY(single_values());
        }
        OTA_TRY(mark(std::nullopt));
        return done_;
    }

private:
    wire::result<void> nothing_there() {
        return to_.write([](transaction& tx, whole& all) -> wire::result<void> {
            OTA_TRY(const auto now, tx.count());
            OTA_TRY(const auto newest, tx.newest_id());
            OTA_TRY(const auto named, tx.values(""));
            OTA_TRY(const auto offsets, all.offsets());
            if (now.cards != 0 || newest != 0 || !named.empty() || !offsets.empty()) return errc::misuse;
            return outcome::success();
        });
    }

    wire::result<void> make_room() {
        std::int64_t first = 0, last = 0;
        OTA_TRY(from_.read([&](transaction& tx, whole& all) -> wire::result<void> {
            OTA_TRY(last, tx.newest_id());
            first = last;
            OTA_TRY(const auto events, all.events_after(0, 1));
            OTA_TRY(const auto submissions, all.submissions_after({}, 1));
            OTA_TRY(const auto history, all.history_after(0, 1));
            if (!events.empty()) first = std::min(first, events.front().seq);
            if (!submissions.empty()) first = std::min(first, submissions.front().packet);
            if (!history.empty()) first = std::min(first, history.front().seq);
            return outcome::success();
        }));
        return to_.write([&](transaction&, whole& all) { return all.make_room(first, last); });
    }

    wire::result<void> mark(std::optional<std::string_view> as) {
        return to_.write([&](transaction& tx, whole&) { return tx.set_value(unfinished_copy, as); });
    }

    template <class Row>
    wire::result<void> walk(const kind<Row>& of) {
        std::optional<Row> last_here, last_there;
        const auto behind = [&of](std::optional<Row>& last) {
            return [&](transaction& tx, whole& all) { return of.read(tx, all, last ? &*last : nullptr); };
        };
        std::size_t n = 0;
        for (;;) {
            OTA_TRY(auto rows, from_.read(behind(last_here)));
            if (!rows.empty()) last_here = rows.back();
            for (std::size_t i = 0; of.as_written && i < rows.size(); ++i) of.as_written(rows[i]);
            if (verifying_) {
                OTA_TRY(const auto there, to_.read(behind(last_there)));
                if (!all_same(rows, there)) return differ(of.name);
            }
            if (rows.empty()) break;
            last_there = rows.back();
            n += rows.size();
            if (!verifying_) {
                OTA_TRY(to_.write([&](transaction& tx, whole& all) { return of.write(tx, all, rows); }));
            }
            if (n % (50 * page) == 0) say(of.name, n);
        }
        *of.count = n;
        say(of.name, n);
        return outcome::success();
    }

    void say(const char* name, std::size_t n) const {
        if (tell_) tell_(std::string(verifying_ ? "compared: " : "copied: ") + std::to_string(n) + ' ' + name);
    }
    std::error_code differ(const char* name) const {
        if (tell_) tell_(std::string("the two stores differ in their ") + name);
        return errc::corrupt;
    }

    wire::result<void> rows_of_cards() {
        OTA_TRY(walk<card_row>(
            {"cards", &done_.cards,
             [](transaction& tx, whole&, const card_row* last) {
                 return tx.list_cards({.after_iccid = last ? last->iccid : "", .limit = page});
             },
             [](transaction& tx, whole&, std::vector<card_row>& rows) { return tx.insert_cards(rows); }}));
        return walk<number_row>(
            {"numbers", &done_.numbers,
             [](transaction&, whole& all, const number_row* last) {
                 return all.numbers_after(last ? *last : number_row{}, page);
             },
             [](transaction&, whole& all, std::vector<number_row>& rows) { return all.note_numbers(rows); }});
    }

    wire::result<void> rows_of_events() {
        OTA_TRY(walk<event_row>(
            {"events", &done_.events,
             [](transaction&, whole& all, const event_row* last) {
                 return all.events_after(last ? last->seq : 0, page);
             },
             [](transaction& tx, whole&, std::vector<event_row>& rows) { return tx.insert_events(rows); }}));
        OTA_TRY(walk<submission_row>(
            {"submissions", &done_.submissions,
             [](transaction&, whole& all, const submission_row* last) {
                 return all.submissions_after(last ? *last : submission_row{}, page);
             },
             [](transaction& tx, whole&, std::vector<submission_row>& rows) { return tx.insert_submissions(rows); }}));
        OTA_TRY(walk<history_row>(
            {"lines of history", &done_.history,
             [](transaction&, whole& all, const history_row* last) {
                 return all.history_after(last ? last->seq : 0, page);
             },
             [](transaction& tx, whole&, std::vector<history_row>& rows) { return tx.append_history(rows); }}));
        OTA_TRY(walk<outbox_row>(
            {"messages to be published", &done_.outbox,
             [](transaction& tx, whole&, const outbox_row* last) { return tx.outbox(last ? last->seq : 0, page); },
             [](transaction& tx, whole&, std::vector<outbox_row>& rows) { return tx.append_outbox(rows); },
             // A file publishes in the order of the ids, a server as it was committed: ids only ever grow here.
             [highest = std::int64_t{0}](outbox_row& row) mutable {
                 highest = row.seq = std::max(row.seq, highest + 1);
             }}));
        done_.other = 0;
        OTA_TRY(walk<later_state>(
            {"later states", &part_,
             [](transaction&, whole& all, const later_state* last) {
                 return all.later_states_after(last ? last->seq : 0, page);
             },
             [](transaction& tx, whole&, std::vector<later_state>& rows) { return tx.save_later_states(rows); }}));
        done_.other += part_;
        OTA_TRY(
            walk<device_account>({"accounts of devices", &part_,
                                  [](transaction&, whole& all, const device_account* last) {
                                      return all.accounts_after(last ? *last : device_account{}, page);
                                  },
                                  [](transaction& tx, whole&, std::vector<device_account>& rows) -> wire::result<void> {
                                      for (const auto& account : rows) {
                                          OTA_TRY(tx.save_account(account));
                                      }
                                      return outcome::success();
                                  }}));
        done_.other += part_;
        return outcome::success();
    }

    /// What is little enough for one page.
    template <class Row, class Read, class Write>
    wire::result<void> once(const char* name, Read read, Write write) {
        OTA_TRY(std::vector<Row> rows, from_.read(read));
        if (verifying_) {
            OTA_TRY(const std::vector<Row> there, to_.read(read));
            if (!all_same(rows, there)) return differ(name);
        } else {
            OTA_TRY(to_.write([&](transaction& tx, whole&) { return write(tx, rows); }));
        }
        done_.other += rows.size();
        say(name, rows.size());
        return outcome::success();
    }

    wire::result<void> single_values() {
        OTA_TRY(once<offset_row>(
            "offsets", [](transaction&, whole& all) { return all.offsets(); },
            [](transaction& tx, const std::vector<offset_row>& rows) -> wire::result<void> {
                for (const auto& o : rows) {
                    OTA_TRY(tx.move_offset(o.source, o.partition, {}, o.at));
                }
                return outcome::success();
            }));
        OTA_TRY(once<receipt_mark>(
            "receipts that wait", [](transaction&, whole& all) { return all.waiting_receipts(); },
            [](transaction& tx, const std::vector<receipt_mark>& rows) -> wire::result<void> {
                OTA_TRY(tx.mark_receipts(rows));
                return outcome::success();
            }));
        return once<std::pair<std::string, std::string>>(
            "named values",
            [](transaction& tx, whole&) -> wire::result<std::vector<std::pair<std::string, std::string>>> {
                OTA_TRY(auto all, tx.values(""));
                std::erase_if(all, [](const auto& v) { return v.first == unfinished_copy; });
                return all;
            },
            [](transaction& tx, const auto& rows) -> wire::result<void> {
                for (const auto& [name, value] : rows) {
                    OTA_TRY(tx.set_value(name, value));
                }
                return outcome::success();
            });
    }

    side from_, to_;
    const std::function<void(const std::string&)>& tell_;
    copied done_;
    std::size_t part_ = 0;
    bool verifying_ = false;
};

}  // namespace

wire::result<copied> copy(store& from, store& to, const std::function<void(const std::string&)>& tell) {
    return copier(from, to, tell).all();
}

}  // namespace ota::store
