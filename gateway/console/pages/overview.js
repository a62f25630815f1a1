// How the gateway is: what flows, what waits, what failed and who acts.
import { Badge, Fault, Panel, Reason, Table, Time, Confirm, count, html, rate, say, span_of, useEffect, useReasons, useRef, useState, useWatched } from "./parts.js";
import { may, part, post, session } from "./api.js";
import { figures, watch_figures } from "./live_figures.js";
import { Chart } from "./chart.js";

const spoken_each_ms = 30000;

function Figure({ words, value, tone = "" }) {
  return html`<div class=${tone}><dt>${words}</dt><dd>${value}</dd></div>`;
}

function Figures({ o }) {
  const b = o.backlog ?? {};
  const oldest = o.oldest_unreconciled_s;
  return html`<dl class="figures">
    <${Figure} words="Cards" value=${count(o.cards)} />
    <${Figure} words="Open changes" value=${count(b.open_events)} />
    <${Figure} words="Oldest unreconciled" value=${oldest === undefined ? "–" : oldest === null ? "none" : span_of(oldest)} tone=${oldest > 3600 ? "wait" : ""} />
    <${Figure} words="Not yet taken in" value=${count(b.lag)} />
    <${Figure} words="In quarantine" value=${count(o.quarantined_cards)} tone=${o.quarantined_cards > 0 ? "bad" : ""} />
    <${Figure} words="Dead letters" value=${count(o.totals?.dead_letters)} tone=${o.totals?.dead_letters > 0 ? "wait" : ""} />
    <${Figure} words="Parked" value=${count(b.parked)} tone=${b.parked > 0 ? "held" : ""} />
  </dl>`;
}

/// The corridor, left to right. Each stage: what it does, how fast, what it holds.
function stages_of(o, r) {
  const b = o.backlog ?? {};
  const binds = (o.routes ?? []).reduce((sum, route) => [sum[0] + (route.binds?.up ?? 0), sum[1] + (route.binds?.configured ?? route.binds?.open ?? 0)], [0, 0]);
  return [
    { stage: "Changes in", does: "taken from log or topic", rate: r.taken, unit: "changes/s", holds: `${count(b.lag)} not yet taken` },
    { stage: "Plan", does: "merged into packets", rate: r.packets, unit: "packets/s", holds: `${count(b.due)} cards due` },
    { stage: "Send", does: "secured, submitted", rate: r.segments, unit: "SMS/s", holds: `${count(b.outstanding)} outstanding` },
    { stage: "SMSC", does: "receipts come back", rate: r.receipts, unit: "receipts/s", holds: `${binds[0]} binds up`, bad: (o.routes ?? []).length > 0 && binds[0] === 0 },
    { stage: "Cards", does: "proofs come back, signed", rate: r.proofs, unit: "proofs/s", holds: `${count(o.totals?.unmatched)} unmatched` },
    { stage: "States out", does: "each change ends once", rate: r.closed, unit: "closed/s", holds: `${count(b.outbox)} to publish` },
  ];
}

function Corridor({ o, rates }) {
  return html`<ol class="corridor">${stages_of(o, rates).map((s) => html`<li>
    <span><span class="stage">${s.stage}</span><span class="does">${s.does}</span></span>
    <span class=${`track ${s.rate > 0 ? "moves" : ""} ${s.bad ? "bad" : ""}`} aria-hidden="true" style=${{ "--pace": `${Math.max(0.25, 1.6 - Math.log10(1 + (s.rate ?? 0)) * 0.4)}s` }}><i></i></span>
    <span><span class="rate">${rate(s.rate)} <small>${s.unit}</small></span><span class="holds">${s.holds}</span></span>
  </li>`)}</ol>`;
}

const ends = ["applied", "superseded", "rejected", "failed", "expired"];

function Ends({ totals }) {
  const all = ends.reduce((sum, e) => sum + (totals.closed?.[e] ?? 0), 0);
  return html`<${Table} label="How changes ended" columns=${[["State"], ["Changes", "number"], ["Share", "number"]]} empty="Nothing has ended yet.">
    ${ends.filter((e) => totals.closed?.[e] > 0).map((e) => html`<tr><th scope="row"><${Badge} is=${e} /></th>
      <td class="number">${count(totals.closed[e])}</td>
      <td class="number">${((100 * totals.closed[e]) / all).toFixed(1)} %</td></tr>`)}<//>`;
}

function Failures({ totals, known }) {
  const rows = Object.entries(totals.reasons ?? {}).filter(([, n]) => n > 0).sort((a, b) => b[1] - a[1]);
  return html`<${Table} label="Failures by reason" columns=${[["Reason and what it means"], ["Who acts"], ["Changes", "number"]]} empty="No change has ended with a reason.">
    ${rows.map(([code, n]) => html`<tr><td><${Reason} code=${code} known=${known} acts=${false} /></td>
      <td class="nowrap">${known[code]?.acts ?? ""}</td><td class="number">${count(n)}</td></tr>`)}<//>`;
}

function Routes({ routes }) {
  return html`<${Table} label="Routes" columns=${[["Route"], ["Binds up"], ["Window"], ["Queued", "number"], ["SMS/s limit", "number"], ["State"]]} empty="No route is configured.">
    ${routes.map((r) => {
      const up = r.binds?.up ?? 0, throttled = r.throttled === true || new Date(r.throttled_until ?? 0) > new Date();
      const window = r.window ?? 0, used = r.used ?? r.window_used ?? 0;
      return html`<tr><th scope="row">${r.name}</th><td class="nowrap">${up} of ${r.binds?.configured ?? r.binds?.here ?? "–"}</td>
        <td><span class="small">${count(used)} of ${count(window)}</span><span class="bar" style="display:block" aria-hidden="true"><span style=${{ width: `${window ? (100 * used) / window : 0}%` }}></span></span></td>
        <td class="number">${count(r.queued)}</td><td class="number">${r.rate ? count(r.rate) : "none"}</td>
        <td>${up === 0 ? html`<${Badge} is="down" tone="bad" />` : throttled ? html`<${Badge} is="throttled" tone="wait" />` : html`<${Badge} is="up" tone="good" />`}
        ${r.last_fault && html`<span class="soft small"> last fault: ${r.last_fault}</span>`}</td></tr>`;
    })}<//>`;
}

function Paused({ profiles, known, ask }) {
  return profiles.map((p) => html`<div class="note wait row"><span><strong>Profile ${p.profile} is paused</strong>Too many of its last cards ended alike: <${Reason} code=${p.reason} known=${known} /></span>
    ${may("operate") && html`<button onClick=${() => ask({ title: `Resume profile ${p.profile}?`, text: "Its cards are sent to again. If the cause is still there, it pauses again.", verb: "Resume",
      run: async () => { await post(`/profiles/${part(p.profile)}/resume`); say(`Profile ${p.profile} resumed.`); } })}>Resume …</button>`}</div>`);
}

export function Overview() {
  const [question, ask] = useState(null);
  const known = useReasons();
  const spoken = useRef(0);
  useWatched(watch_figures);
  const { overview: o, rates: r, samples, alerts, fault } = figures;
  useEffect(() => {
    if (!o || Date.now() - spoken.current < spoken_each_ms) return;
    spoken.current = Date.now();
    say(`${count(o.backlog?.open_events)} changes open, ${rate(r?.closed)} closed per second.`);
  });
  if (!o) return html`<div class="title"><h1 tabindex="-1">Overview</h1></div>${fault ? html`<${Fault} of=${fault} />` : html`<p class="soft">Asking the gateway …</p>`}`;
  const rates = r ?? o.rates ?? {}, stale = session.away_since !== null;
  return html`
    <div class="title"><h1 tabindex="-1">Overview</h1>
      <${Badge} is=${stale ? "away" : o.ready ? "ready" : "not ready"} tone=${stale ? "bad" : o.ready ? "good" : "bad"} />
      <span class="soft small push">version ${o.version}, instance ${o.instance}, since <${Time} at=${o.started_at} /></span></div>
    ${!stale && fault && html`<${Fault} of=${fault} />`}
    ${(o.reasons ?? []).map((why) => html`<p class="note bad"><strong>Not ready</strong>${typeof why === "string" ? why : `${why.name}: ${why.reason}`}</p>`)}
    <${Paused} profiles=${o.paused_profiles ?? []} known=${known} ask=${ask} />
    <div class=${`stack ${stale ? "stale" : ""}`}>
      <${Panel} title="The way of a change" id="way" tight><${Corridor} o=${o} rates=${rates} /><//>
      <${Figures} o=${o} />
      <div class="two">
        <${Panel} title="Changes" id="changes-chart">
          <${Chart} samples=${samples} label="Changes taken in and closed per second, over the last five minutes" curves=${[["taken", "taken in"], ["closed", "closed"]]} /><//>
        <${Panel} title="On the air" id="air-chart">
          <${Chart} samples=${samples} label="SMS, receipts and proofs per second, over the last five minutes" curves=${[["segments", "SMS"], ["receipts", "receipts"], ["proofs", "proofs"]]} /><//>
      </div>
      <${Panel} title="Routes" id="routes" tight><${Routes} routes=${o.routes ?? []} /><//>
      <div class="two wide-left">
        <${Panel} title="Reasons" id="reasons" tight aside=${html`<span class="soft small">since the start</span>`}>
          <${Failures} totals=${o.totals ?? {}} known=${known} /><//>
        <${Panel} title="Ends" id="ends" tight aside=${html`<span class="soft small">since the start</span>`}><${Ends} totals=${o.totals ?? {}} /><//>
      </div>
      ${alerts.length > 0 && html`<${Panel} title="Told by the gateway" id="alerts" tight><ol class="timeline">${alerts.map((a) => html`<li>
        <${Time} at=${a.at} /><span>${a.sentence}${a.card ? html` <a class="mono" href=${`#/cards/${a.card}`}>${a.card}</a>` : ""}</span></li>`)}</ol><//>`}
    </div>
    <${Confirm} ask=${question} close=${() => ask(null)} />`;
}
