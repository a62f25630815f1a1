#pragma once

#include "gateway/dm/object_buffer.hpp"
#include "gateway/dm/order.hpp"
#include "gateway/dm/settings.hpp"

#include <deque>
#include <map>

/// Orders on their way: into messages, and their answers back by message and command number.
namespace ota::dm {

/// What one message of ours may hold.
struct room {
    management_object::dm::encoding as = management_object::dm::encoding::xml;
    std::size_t octets = 0;  ///< of the whole message
    std::size_t object = 0;  ///< of one object, as conveyed; 0: any
    std::size_t commands = 0;
    bool next_is_larger = false;  ///< this message answers much, the next will leave more room
};
/// Octets of the message; the largest number when it cannot be said.
[[nodiscard]] std::size_t size_of(const management_object::dm::message&, management_object::dm::encoding);

class dispatch {
public:
    /// Octets of one object, and of all that comes for one package.
    dispatch(std::size_t largest_object, std::size_t most, counts& tally)
        : reading_(largest_object), most_(most), tally_(tally) {}

    void queue(order);
    [[nodiscard]] bool has_work() const noexcept { return !waiting_.empty() || sending_.has_value(); }
    [[nodiscard]] bool awaits_answers() const noexcept { return !sent_.empty(); }
    /// A large object is on its way to the device: the package goes on.
    [[nodiscard]] bool mid_object() const noexcept { return sending_.has_value(); }

    /// Appends what fits, and sets Final unless the last command goes on in the next message, or nothing fitted and the
    /// next message is larger. An order that can never be sent is answered in `lost`.
    void fill(management_object::dm::message&, const room&, std::vector<order_answer>& lost);

    /// False: it refers to nothing that was sent.
    [[nodiscard]] bool on_status(const management_object::dm::status&);
    /// What to answer the Results with: 200 nothing to say, 213 go on, 424, 413, or 404 for refers to nothing.
    [[nodiscard]] std::uint16_t on_results(management_object::dm::results, std::uint32_t msg_ref_unless_told);
    /// Alert 1225: the device misses the end of our object.
    void on_interrupted();

    /// The device has ended its package: what came of everything that was sent.
    [[nodiscard]] std::vector<order_answer> close_package();
    /// The device did not let us in with this message: what it alone brought and nothing answered goes again, before
    /// what waits.
    void send_again(std::uint32_t refused);

private:
    struct under_way {
        order what;
        order_answer answer;
    };
    struct reference {
        std::size_t which = 0;            ///< of sent_
        std::optional<std::size_t> step;  ///< nothing: the group
    };
    struct object {
        std::size_t which = 0;  ///< of sent_
        management_object::dm::item whole;
        std::size_t gone = 0;  ///< octets sent
    };
    enum class fit : std::uint8_t { yes, no, never };

    [[nodiscard]] fit put(management_object::dm::message&, const room&, const order&);
    [[nodiscard]] bool put_chunk(management_object::dm::message&, const room&);
    void remember(const management_object::dm::message&, order);
    void set_code(const reference&, std::uint16_t code);

    std::deque<order> waiting_;
    std::vector<under_way> sent_;
    std::map<std::pair<std::uint32_t, std::uint32_t>, reference> references_;  // (MsgID, CmdID)
    std::optional<object> sending_;
    object_buffer reading_;
    std::size_t most_, read_ = 0;  // octets that Results of this package may have, and have
    counts& tally_;
};

}  // namespace ota::dm
