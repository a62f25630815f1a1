// Server-sent events by fetch, which can send a token (EventSource cannot). Comes back by itself, with what it had last.
import { headers, heard } from "./api.js";

const first_wait_ms = 1000, longest_wait_ms = 30000, silence_ms = 45000;  // the server says something every 15 s
const unseen_ms = 60000;  // a browser opens six connections to a host: a tab that nobody looks at leaves its own to the others

/// Cuts a stream of text into events: feed it pieces, it tells {id, type, data}.
export function event_reader(tell) {
  let rest = "", event = { type: "message", data: [] }, id = null;
  const line_ends = (line) => {
    if (line === "") {
      if (event.data.length) tell({ id, type: event.type, data: event.data.join("\n") });
      event = { type: "message", data: [] };
      return;
    }
    const at = line.indexOf(":");
    if (at === 0) return;
    const name = at < 0 ? line : line.slice(0, at);
    const value = at < 0 ? "" : line.slice(at + 1).replace(/^ /, "");
    if (name === "data") event.data.push(value);
    else if (name === "event") event.type = value;
    else if (name === "id") id = value;
  };
  return (piece) => {
    rest += piece;
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop();
    lines.forEach(line_ends);
  };
}

/// Until somebody looks at the tab, or it is over.
function looked_at(over) {
  return new Promise((go) => {
    const look = () => {
      if (document.hidden && !over.aborted) return;
      document.removeEventListener("visibilitychange", look);
      over.removeEventListener("abort", look);
      go();
    };
    document.addEventListener("visibilitychange", look);
    over.addEventListener("abort", look);
    look();
  });
}

/// Follows a path below /api/v1. on_event({id, type, data: parsed}); on_state("connecting" | "live" | "waiting", seconds).
/// Returns what ends it.
export function follow(path, on_event, on_state = () => {}) {
  const over = new AbortController();
  let last = null, wait_ms = first_wait_ms;

  async function once() {
    const silent = new AbortController();
    let answered = false;
    const end = () => silent.abort();
    over.signal.addEventListener("abort", end);
    let watch = setTimeout(end, silence_ms), unseen = null;
    const look = () => { clearTimeout(unseen); unseen = document.hidden ? setTimeout(end, unseen_ms) : null; };
    document.addEventListener("visibilitychange", look);
    look();
    try {
      const answer = await fetch(`/api/v1${path}`, {
        headers: headers({ Accept: "text/event-stream", ...(last === null ? {} : { "Last-Event-ID": last }) }),
        signal: silent.signal, cache: "no-store",
      });
      answered = true;
      heard(answer.status);
      if (answer.status === 401 || answer.status === 403) return over.abort();
      if (!answer.ok) {
        wait_ms = Math.max(wait_ms, 1000 * (Number(answer.headers.get("Retry-After")) || 0));
        return;
      }
      on_state("live", 0);
      const read = event_reader((event) => {
        if (event.id !== null) last = event.id;
        wait_ms = first_wait_ms;
        on_event({ ...event, data: JSON.parse(event.data) });
      });
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
        const { value, done } = await reader.read();
        if (done) return;
        clearTimeout(watch);
        watch = setTimeout(end, silence_ms);
        read(value);
      }
    } catch {
      if (!over.signal.aborted && !answered) heard(0);  // a stream that only breaks off is no gateway away
    } finally {
      clearTimeout(watch);
      clearTimeout(unseen);
      document.removeEventListener("visibilitychange", look);
      over.signal.removeEventListener("abort", end);
    }
  }

  (async () => {
    while (!over.signal.aborted) {
      await looked_at(over.signal);
      if (over.signal.aborted) return;
      on_state("connecting", 0);
      await once();
      if (over.signal.aborted) return;
      if (document.hidden) continue;
      const pause = wait_ms * (0.8 + 0.4 * Math.random());  // so that many consoles do not come back at once
      on_state("waiting", Math.round(pause / 1000));
      wait_ms = Math.min(wait_ms * 2, longest_wait_ms);
      await new Promise((go) => setTimeout(go, pause));
    }
  })();
  return () => over.abort();
}
