// What happens now, event by event. Never a value.
import { Badge, Field, Panel, Table, Time, card_link, count, event_link, html, useEffect, useReasons, useRef, useState } from "./parts.js";
import { with_query } from "./api.js";
import { follow } from "./stream.js";

const types = ["taken", "ended", "dead", "alert"];
const kept = 200, repaint_ms = 250;

function Row({ e, known }) {
  const d = e.data;
  return html`<tr key=${e.id}><th scope="row"><${Time} at=${e.at} date=${false} /></th><td>
    <${Badge} is=${e.type} tone=${e.type === "alert" || e.type === "dead" ? "bad" : ""} /></td>
    <td>${d.event ? event_link(d.event, d.source) : d.sentence ?? "–"}</td><td>${d.card ? card_link(d.card) : "–"}</td>
      <td class="mono">${d.node ?? "–"}</td>
    <td>${d.state ? html`<${Badge} is=${d.state} />` : "–"}</td><td><code title=${known[d.reason]?.meaning ?? ""}>${d.reason ?? ""}</code></td></tr>`;
}

export function Live({ query }) {
  const [rows, set_rows] = useState([]);
  const [state, set_state] = useState(["connecting", 0]);
  const [paused, pause] = useState(false);
  const [missed, set_missed] = useState(0);
  const waiting = useRef([]), seen = useRef(0);
  const known = useReasons();
  const filter = { type: query.type || types.join(","), card: query.card, state: query.state, reason: query.reason };
  const path = with_query("/events", filter);
  useEffect(() => {
    if (paused) return undefined;
    const end = follow(path, (event) => {
      if (event.type === "gap") return set_missed((n) => n + 1);
      seen.current += 1;
      waiting.current.push({ ...event, at: event.data.at ?? new Date().toISOString() });
    }, (is, seconds) => set_state([is, seconds]));
    const timer = setInterval(() => {
      if (!waiting.current.length) return;
      const fresh = waiting.current.splice(0).reverse();
      set_rows((old) => [...fresh, ...old].slice(0, kept));
    }, repaint_ms);
    return () => { end(); clearInterval(timer); };
  }, [path, paused]);
  const filtered = (event) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    location.hash = with_query("#/live", { type: form.getAll("type").join(","), card: form.get("card").trim(), state: form.get("state"), reason: form.get("reason").trim() });
  };
  const words = paused ? "paused" : state[0] === "live" ? "live" : state[0] === "waiting" ? `comes back in ${state[1]} s` : "connecting";
  return html`
    <div class="title"><h1 tabindex="-1">Live</h1><${Badge} is=${words} tone=${words === "live" ? "good" : "wait"} />
      <span class="soft small">${count(seen.current)} events seen here</span>
      <span class="row push"><button onClick=${() => pause(!paused)} aria-pressed=${paused}>${paused ? "Go on" : "Pause"}</button>
        <button onClick=${() => set_rows([])}>Clear</button></span></div>
    ${missed > 0 && html`<p class="note wait">Some events passed while this page was not connected.</p>`}
    <${Panel} title="Filter" id="filter"><form onSubmit=${filtered} onChange=${filtered}>
      <div class="fields">
        <div class="row whole">${types.map((t) => html`<label class="check">
          <input type="checkbox" name="type" value=${t} checked=${filter.type.split(",").includes(t)} /> ${t}</label>`)}</div>
        <${Field} label="Card"><input class="mono" name="card" defaultValue=${query.card ?? ""} autocomplete="off" /><//>
        <${Field} label="State">
          <select name="state"><option value="">any</option>${["applied", "superseded", "rejected", "failed", "expired"].map((s) => html`<option value=${s} selected=${query.state === s}>${s}</option>`)}</select><//>
        <${Field} label="Reason"><input class="mono" name="reason" defaultValue=${query.reason ?? ""} autocomplete="off" /><//>
      </div></form><//>
    <${Panel} title="Newest first" id="newest" tight>
      <${Table} label="Events" columns=${[["Time"], ["What"], ["Change"], ["Card"], ["Node"], ["State"], ["Reason"]]} empty="Nothing has happened since this page was opened.">
        ${rows.map((e) => html`<${Row} key=${`${e.id}`} e=${e} known=${known} />`)}<//><//>`;
}
