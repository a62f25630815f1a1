// What the pages are made of. Text of the server only ever enters as text: htm puts nothing in as HTML.
import { html, useCallback, useEffect, useRef, useState } from "./vendor/preact-htm/standalone.module.js";
import { get, session, watch } from "./api.js";

export { html, useCallback, useEffect, useRef, useState };

const number = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const fine = new Intl.NumberFormat("en", { maximumFractionDigits: 1, minimumFractionDigits: 1 });
export const count = (n) => (n === undefined || n === null ? "–" : number.format(n));
export const rate = (n) => (n === undefined || n === null ? "–" : n > 0 && n < 100 ? fine.format(n) : number.format(n));

/// "3 min 20 s": the two largest units.
export function span_of(seconds) {
  if (seconds === null || seconds === undefined) return "–";
  const units = [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]];
  let rest = Math.max(0, Math.round(seconds));
  const out = [];
  for (const [name, size] of units) {
    if (rest >= size || (name === "s" && !out.length)) out.push(`${Math.floor(rest / size)} ${name}`);
    rest %= size;
  }
  return out.slice(0, 2).join(" ");
}

/// A time of the server in the reader's zone; the whole of it on hover.
export function Time({ at, date = true }) {
  if (!at) return html`<span class="soft">–</span>`;
  const when = new Date(at);
  const today = when.toDateString() === new Date().toDateString();
  const clock = when.toLocaleTimeString("en-GB");
  return html`<time class="nowrap" dateTime=${at} title=${at}>${date && !today ? `${when.toLocaleDateString("en-CA")} ${clock}` : clock}</time>`;
}

const tones = {
  good: ["active", "applied", "incorporated", "in step", "completed", "running", "read"],
  wait: ["open", "waiting", "deferred", "in-flight", "paused", "waits-for-session", "told-to-device", "accepted-by-device", "unknown", "scheduled", "collecting", "ending", "declined", "expired", "differs"],
  bad: ["failed", "rejected", "quarantined", "stopped", "blocked", "dead"],
  held: ["suspended", "replaced", "erased", "superseded", "cancelled", "purged", "skipped"],
  accent: ["canary", "taken"],
};
export const tone_of = (word) => Object.keys(tones).find((tone) => tones[tone].includes(word)) || "";
export const Badge = ({ is, tone }) => html`<span class=${`badge ${tone ?? tone_of(is)}`}>${is}</span>`;

export const Panel = ({ title, id, aside, tight, children, stale }) => html`
  <section class=${`panel ${stale ? "stale" : ""}`} aria-labelledby=${id}>
    <header><h2 id=${id}>${title}</h2>${aside}</header>
    <div class=${`body ${tight ? "tight" : ""}`}>${children}</div>
  </section>`;

/// Why a call failed, in the server's words.
export function Fault({ of }) {
  if (!of) return null;
  const lists = [...(of.body?.refused ?? []), ...(of.body?.faults ?? [])];
  return html`<div class="note bad" role="alert"><strong>${of.status === 403 ? "Your role may not do this" : of.status === 429 ? "Too many calls" : of.status === 0 ? "Gateway away" : "It did not work"}</strong>
    ${of.message}${lists.length > 0 && html`<ul class="sentences">${lists.map((l) => html`<li>${typeof l === "string" ? l : `${l.line ? `line ${l.line}: ` : ""}${l.path ? `${l.path}: ` : ""}${l.reason ?? ""} ${l.detail ?? l.what ?? ""}`}</li>`)}</ul>`}</div>`;
}

/// Tells those who hear the page what happened.
export function say(text) {
  document.getElementById("said").textContent = text;
}

/// Draws again whenever `watch_it` tells; at once as well, for what changed before the browser had drawn the first time.
export function useWatched(watch_it) {
  const [, again] = useState(0);
  useEffect(() => {
    const draw = () => again((n) => n + 1);
    const end = watch_it(draw);
    draw();
    return end;
  }, []);
}
export function useSession() {
  useWatched(watch);
  return session;
}

/// A GET that is repeated each `every_ms` while the page is seen. {data, fault, reload}; data stays when a later one fails.
export function useGet(path, every_ms = 0) {
  const [state, set_state] = useState({ path: null, data: null, fault: null });
  const [turn, set_turn] = useState(0);
  useEffect(() => {
    if (!path) return undefined;
    const over = new AbortController();
    let timer = null;
    const ask = async () => {
      let next_ms = every_ms;
      try {
        if (!document.hidden || every_ms === 0) set_state({ path, data: await get(path, { signal: over.signal }), fault: null });
      } catch (fault) {
        if (fault.name === "AbortError") return;
        if (fault.wait_s) next_ms = Math.max(next_ms, fault.wait_s * 1000);
        set_state((was) => ({ path, data: was.path === path ? was.data : null, fault }));
        if (!every_ms && (fault.status === 0 || fault.status === 429)) next_ms = Math.max(next_ms, 3000);
      }
      if (next_ms && !over.signal.aborted) timer = setTimeout(ask, next_ms);
    };
    ask();
    return () => { over.abort(); clearTimeout(timer); };
  }, [path, every_ms, turn]);
  const reload = useCallback(() => set_turn((n) => n + 1), []);
  const mine = state.path === path;
  return { data: mine ? state.data : null, fault: mine ? state.fault : null, reload };
}

/// What is shown of a list with a page more: a further one goes behind it. The first one, asked for again, takes the place of what it
/// reaches down to (by `seq`); what was shown below that stays.
function with_page({ items: old, after: shown_to }, page, after) {
  const next = page.next ?? "", last = page.items.at(-1)?.seq;
  if (after) return { items: [...old, ...page.items], after: next };
  const met = last === undefined || !old ? -1 : old.findIndex((item) => item.seq === last);
  if (met < 0 || met + 1 === old.length) return { items: page.items, after: next };
  return { items: [...page.items, ...old.slice(met + 1)], after: shown_to };
}

/// A list of the API page by page: {items, more, next(), fault, reload}.
export function useList(path) {
  const nothing = { path, items: null, after: "", fault: null };
  const [state, set_state] = useState(nothing);
  const load = useCallback(async (after) => {
    const add = (news) => set_state((was) => {
      const shown = was.path === path ? was : nothing;
      return after && after !== shown.after ? was : { ...shown, ...news(shown) };  // a page behind what is not shown any more
    });
    try {
      const page = await get(after ? `${path}${path.includes("?") ? "&" : "?"}after=${encodeURIComponent(after)}` : path);
      add((shown) => ({ ...with_page(shown, page, after), fault: null }));
    } catch (fault) {
      add(() => ({ fault }));
    }
  }, [path]);
  const reload = useCallback(() => load(""), [load]);
  useEffect(() => { reload(); }, [reload]);
  const mine = state.path === path ? state : nothing;
  return { items: mine.items, fault: mine.fault, more: mine.after !== "", next: () => load(mine.after), reload };
}

/// Arrow keys go from row to row of a table, to the first thing in it that takes the focus.
function go_by_rows(event) {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const row = event.target.closest("tbody tr");
  if (!row || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
  const rows = [...event.currentTarget.querySelectorAll("tbody tr")].filter((r) => r.querySelector("a, button"));
  const to = rows[rows.indexOf(row) + (event.key === "ArrowDown" ? 1 : -1)];
  if (!to) return;
  event.preventDefault();
  to.querySelector("a, button").focus();
}

/// columns: [name, class]; rows are <tr>. Scrolls within itself where it is too wide, and can be scrolled by keys.
export const Table = ({ label, columns, children, empty }) => {
  const rows = [children].flat(3).filter(Boolean);
  return html`
    <div class="scroll" tabindex="0" role="region" aria-label=${label}>
      <table onKeyDown=${go_by_rows}>
        <thead><tr>${columns.map(([name, kind]) => html`<th scope="col" class=${kind ?? ""}>${name}</th>`)}</tr></thead>
        <tbody>${rows}</tbody>
      </table>
    </div>
    ${rows.length === 0 && html`<p class="empty">${empty}</p>`}`;
};

export const Listing = ({ of, label, columns, row, empty }) => html`
  <${Fault} of=${of.fault} />
  ${of.items === null ? !of.fault && html`<p class="empty">Asking the gateway …</p>` : html`
    <${Table} label=${label} columns=${columns} empty=${empty}>${of.items.map(row)}<//>
    ${of.more && html`<div class="below">
      <button onClick=${of.next}>Show more</button><span class="soft small">${count(of.items.length)} shown</span></div>`}`}`;

/// Any JSON as a tree of fields.
export function Tree({ of, names = {} }) {
  if (of === null || typeof of !== "object") {
    const kind = of === true ? "yes" : of === false ? "no" : "";
    return html`<span class=${`value ${kind}`}>${of === null ? "none" : String(of)}</span>`;
  }
  const entries = Array.isArray(of) ? of.map((v, i) => [String(i + 1), v]) : Object.entries(of);
  if (entries.length === 0) return html`<span class="value">none</span>`;
  return html`<ul class="tree">${entries.map(([name, value]) => html`
    <li><span class="key">${names[name] ?? name.replaceAll("_", " ")}</span>${value !== null && typeof value === "object" && Object.keys(value).length ? "" : ": "}<${Tree} of=${value} names=${names} /></li>`)}</ul>`;
}

export const Field = ({ label, whole, children }) => html`<label class=${`field ${whole ? "whole" : ""}`}><span>${label}</span>${children}</label>`;

/// A question before something is done. `ask`: {title, text, verb, danger, fields, run(form)}; closed when it is null.
export function Confirm({ ask, close }) {
  const box = useRef(null);
  const [fault, set_fault] = useState(null);
  const [busy, set_busy] = useState(false);
  useEffect(() => {
    set_fault(null);
    set_busy(false);
    if (ask && !box.current.open) box.current.showModal();
    if (!ask && box.current?.open) box.current.close();
  }, [ask]);
  const submit = async (event) => {
    event.preventDefault();
    set_busy(true);
    try {
      await ask.run(new FormData(event.target));
      close();
    } catch (problem) {
      set_fault(problem);
      set_busy(false);
    }
  };
  return html`<dialog ref=${box} aria-labelledby="question" onClose=${close}>${ask && html`
    <form onSubmit=${submit}>
      <h2 id="question">${ask.title}</h2>
      <p>${ask.text}</p>
      ${ask.fields}
      <${Fault} of=${fault} />
      <div class="row end">
        <button type="button" onClick=${close}>Leave it</button>
        <button class=${ask.danger ? "danger" : "main"} disabled=${busy}>${ask.verb}</button>
      </div>
    </form>`}</dialog>`;
}

/// The reason codes with what they mean and who acts; read once.
let reasons = null;
export function useReasons() {
  const [known, set_known] = useState(reasons ?? {});
  useEffect(() => {
    if (reasons) return;
    fetch("reasons.json").then((r) => r.json()).then((all) => set_known(reasons = all)).catch(() => {});
  }, []);
  return known;
}
export const Reason = ({ code, known, acts = true }) => {
  const it = known[code];
  return html`<span><code>${code}</code>${it && html`<span class="soft"> – ${it.meaning}${acts && it.acts !== "nobody" ? html` <span class="nowrap">(${it.acts} acts)</span>` : ""}</span>`}</span>`;
};

export const card_link = (iccid) => html`<a class="mono nowrap" href=${`#/cards/${encodeURIComponent(iccid)}`}>${iccid}</a>`;
export const event_link = (id, source) =>
  html`<a class="mono" href=${`#/changes/${encodeURIComponent(id)}${source ? `?source=${encodeURIComponent(source)}` : ""}`}>${id}</a>`;
