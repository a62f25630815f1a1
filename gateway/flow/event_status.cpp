#include "gateway/flow/event_status.hpp"

namespace ota::flow {

queue::status_event status_of(const store::event_row& row, store::wall_time at) {
    queue::status_event s;
    s.event_source = row.source;
    s.event_id = row.id;
    s.subject = row.subject;
    s.node = row.node;
    s.op = static_cast<queue::operation>(row.op);
    s.state = queue::name_of(static_cast<queue::event_state>(row.state));
    s.reason = row.reason;
    s.detail = row.detail;
    s.revision = row.revision;
    s.traceparent = row.traceparent;
    s.at = at;
    return s;
}

}  // namespace ota::flow
