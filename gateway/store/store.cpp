#include "gateway/store/store.hpp"

namespace ota::store {

namespace {

class room_category final : public std::error_category {
public:
    const char* name() const noexcept override { return "store"; }
    std::string message(int code) const override {
        switch (static_cast<errc>(code)) {
            case errc::conflict: return "another writer changed the row first";
            case errc::duplicate: return "a unique key is already taken";
            case errc::busy: return "another writer holds the store beyond the time limit";
            case errc::full: return "the disk is full";
            case errc::io: return "the store cannot be read or written; it must be opened anew";
            case errc::corrupt: return "the store's content contradicts itself, or is no store of this program";
            case errc::locked: return "another gateway runs on this store";
            case errc::too_new: return "the store was made by a newer program that this one cannot follow";
            case errc::vanished:
                return "the store is missing though its witness is there: bring the store back, or put a copy in its "
                       "place and "
                       "run `otagw store recover`; when it was deleted on purpose, delete the witness beside it "
                       "(its name with .witness) too";
            case errc::restored:
                return "the store is older than its witness: a restored copy; run `otagw store recover`";
            case errc::not_found: return "there is no such row";
            case errc::misuse: return "the store was called in a way that its contract does not allow";
            case errc::unreachable: return "the database server does not answer now";
            case errc::refused: return "the database server refuses the login or the database";
            case errc::outdated:
                return "the schema of the store is missing or older than this program: run `otagw store migrate`";
            case errc::fenced: return "the lease of this process is over; nothing is committed until it is renewed";
            case errc::unresolved: return "the connection was lost in a commit; what became of it is not known yet";
            case errc::unfinished:
                return "the store is the target of a copy that was not finished: delete it (the file, or the schema) "
                       "and run "
                       "`otagw store copy` again";
        }
        return "unknown store error";
    }
};

}  // namespace

const std::error_category& category() noexcept {
    static const room_category instance;
    return instance;
}

std::string_view name_of(standing is) noexcept {
    switch (is) {
        case standing::active: return "active";
        case standing::suspended: return "suspended";
        case standing::quarantined: return "quarantined";
        case standing::replaced: return "replaced";
        case standing::erased: return "erased";
    }
    return "unknown";
}

}  // namespace ota::store
