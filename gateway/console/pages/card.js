// One card: what it should hold, what it holds, why it waits, what happened.
import { Badge, Confirm, Fault, Field, Listing, Panel, Table, Time, Tree, count, event_link, html, say, useCallback, useEffect, useGet, useList, useReasons, useState, Reason } from "./parts.js";
import { may, part, post, with_query } from "./api.js";
import { follow } from "./stream.js";
import { Nodes } from "./nodes.js";

const refresh_ms = 4000, gathers_ms = 700;

function Explanation({ of }) {
  if (!of) return html`<p class="soft">Asking the gateway …</p>`;
  const lists = [["Why it waits", of.why], ["What comes next", of.next], ["Who must act", of.act?.length ? of.act : ["nobody"]]];
  return html`<div class="said-by">${lists.filter(([, l]) => l?.length).map(([name, l]) => html`<h3>${name}</h3>
    <ul class="sentences">${l.map((s) => html`<li>${s}</li>`)}</ul>`)}</div>`;
}

function Identity({ s }) {
  return html`<dl class="facts">
    <dt>Number</dt><dd><span class="mono">${s.msisdn || "none"}</span>${s.msisdn_since && html` <span class="soft">since <${Time} at=${s.msisdn_since} /></span>`}</dd>
    <dt>Profile</dt><dd>${s.profile}${s.profile_configured === false ? html` <${Badge} is="not configured" tone="bad" />` : ""}${s.profile_paused ? html` <${Badge} is="paused" />` : ""}</dd>
    <dt>Labels</dt><dd>${s.labels || "none"}</dd>
    <dt>Keys</dt><dd>${s.keys_readable === false ? html`<${Badge} is="cannot be read" tone="bad" />` : (s.keys ?? []).map((k) => `version ${k.kvn} (checksum of ${k.mac_length} octets)`).join(", ") || "none"}</dd>
    <dt>Counters</dt><dd>${(s.counters ?? []).map((c) => html`<div>${c.of}: <code>${c.last}</code></div>`)}${(s.counters ?? []).length === 0 && "none used"}</dd>
    ${s.due && html`<dt>Next look</dt><dd><${Time} at=${s.due} /></dd>`}
  </dl>`;
}

function actions_of(s, after) {
  const to = (verb, body) => async () => { await post(`/cards/${part(s.iccid)}/${verb}`, body ?? {}); say(`Card ${s.iccid}: ${verb} done.`); after(); };
  const all = {
    suspend: { title: "Suspend this card?", text: "No packet goes to it until it is resumed. What is in flight may still be answered.", verb: "Suspend", run: to("suspend") },
    resume: { title: "Resume this card?", text: "Ends its suspension or quarantine; it goes on as it was.", verb: "Resume", run: to("resume") },
    repair: { title: "Repair this card?", text: "What is not proven counts as unknown again, blocks and quarantine are lifted, and everything it should hold is written anew. That takes SMS.", verb: "Repair", run: to("repair") },
    replace: { title: "Replace this card?", text: "Its open changes end, its number goes to the new card, and it is sent nothing any more. This cannot be undone.", verb: "Replace", danger: true,
      fields: html`<${Field} label="ICCID of the new card, which is imported already">
        <input class="mono" name="by" required pattern="[0-9]{18,20}" title="18 to 20 digits" autocomplete="off" /><//>
        <label class="check"><input type="checkbox" name="carry_over" checked /> The new card shall hold what this one should</label>`,
      run: async (form) => to("replace", { by: form.get("by"), carry_over: form.get("carry_over") !== null })() },
    erase: { title: "Erase what is known of this card?", text: "Its keys, values and open changes are removed for good. This cannot be undone.", verb: "Erase", danger: true,
      fields: html`<${Field} label="Its ICCID, to be sure">
        <input class="mono" name="sure" required pattern=${s.iccid} title="the ICCID of this card" autocomplete="off" /><//>`, run: to("erase") },
  };
  const held = s.standing === "suspended" || s.standing === "quarantined" || Boolean(s.hold);
  if (s.standing === "erased") return [];
  if (s.standing === "replaced") return [["Erase …", all.erase]];
  return [held ? ["Resume …", all.resume] : ["Suspend …", all.suspend], ["Repair …", all.repair], ["Replace …", all.replace], ["Erase …", all.erase]];
}

/// What is recorded of a packet, for everybody; its inside under the card's keys, for the role keys.
function PacketFields({ iccid, packet }) {
  const { data, fault } = useGet(may("keys") ? `/cards/${part(iccid)}/packets/${part(packet.id)}` : null);
  const { carries, submissions, spi, kic, kid, format, reference, destination } = packet;
  return html`<div class="two"><${Tree} of=${{ destination, format, SPI: spi, KIc: kic, KID: kid, reference, carries, submissions }} />
    <div>${may("keys") ? html`<${Fault} of=${fault} />${data && html`<${Tree} of=${{ opened: data.opened, user_data: data.user_data }} />`}` : html`<p class="soft small">What is in the packet is opened for the role keys.</p>`}</div></div>`;
}

function Packets({ iccid }) {
  const { data, fault } = useGet(`/cards/${part(iccid)}/packets`, refresh_ms);
  const [opened, set_opened] = useState({});
  return html`<${Fault} of=${fault} />
    <${Table} label="Packets" columns=${[["Packet"], ["Is"], ["By"], ["Segments", "number"], ["Sent", "number"], ["Last sent"], ["Closes"], ["Fields"]]} empty="No packet is in flight, of unknown outcome, or reserved.">
      ${(data?.items ?? []).map((p) => html`<tr key=${p.id}>
        <th scope="row" class="mono">${p.id}<div class="soft small">counter ${p.cntr}, TAR ${p.tar}</div></th><td><${Badge} is=${p.place} /></td>
        <td>${p.by}</td>
        <td class="number">${p.segments}</td><td class="number">${p.sendings}</td><td><${Time} at=${p.sent_at} /></td><td>
          <${Time} at=${p.closes_at} /></td>
        <td><button class="quiet" aria-expanded=${Boolean(opened[p.id])} onClick=${() => set_opened({ ...opened, [p.id]: !opened[p.id] })}>${opened[p.id] ? "Close" : "Open"}</button></td></tr>
        ${opened[p.id] && html`<tr key=${`${p.id}-fields`}><td colspan="8"><${PacketFields} iccid=${iccid} packet=${p} /></td></tr>`}`)}
    <//>`;
}

const words = {
  proof: "The card's proof came", "late-proof": "A late proof came", "proof-of-a-closed-packet": "A proof of a closed packet came", "not-delivered": "Not delivered", interim: "The SMSC told of a delay",
  repeat: "Sent again, the same octets", unanswered: "No proof came in time", "submit-rejected": "The SMSC refused it", "push-taken": "The card took the PUSH", "channel-open": "The data channel is open",
  "unsecured-hint": "An answer without security came", imported: "Imported", replaced: "Replaced", replaces: "Replaces a card", suspended: "Suspended by an operator", resumed: "Resumed by an operator",
  repair: "Repair asked for", repaired: "Repair asked for", "event-cancelled": "A change was cancelled", audited: "Audited over the air", recovered: "Recovered after a restore", labelled: "Labels changed",
};

/// Has `again` called when a change of this card was taken in or ended: at most once in a while, and only while the page is seen, since a
/// browser has few connections for all of its tabs.
function useNews(iccid, again) {
  useEffect(() => {
    let end = () => {}, timer = null;
    const soon = () => { timer ??= setTimeout(() => { timer = null; again(); }, gathers_ms); };
    const turn = () => {
      end();
      end = document.hidden ? () => {} : follow(with_query("/events", { card: iccid, type: "taken,ended" }), soon);
    };
    const seen = () => { turn(); if (!document.hidden) soon(); };
    turn();
    document.addEventListener("visibilitychange", seen);
    return () => { document.removeEventListener("visibilitychange", seen); clearTimeout(timer); end(); };
  }, [iccid, again]);
}

function Timeline({ list }) {
  if (list.items === null) return html`<div class="body"><${Fault} of=${list.fault} /></div>`;
  const told = (v) => (Array.isArray(v) ? v.join(", ") : typeof v === "object" ? JSON.stringify(v) : v);
  const rest = (w) => Object.entries(w).filter(([name]) => name !== "what").map(([name, v]) => `${name} ${told(v)}`).join(" · ");
  return html`<ol class="timeline">${list.items.map((i) => html`<li key=${i.seq}><${Time} at=${i.at} /><div>
    <div class="what">${words[i.what?.what] ?? i.what?.what ?? "entry"}</div><div class="rest mono">${rest(i.what ?? {})}</div>
    ${i.submissions && html`<ul class="sent" aria-label="Short messages">${i.submissions.map((s) => html`<li key=${`${s.segment}/${s.sending}`}>
      <${Time} at=${s.at} /> Short message ${s.segment}${s.sending > 1 ? `, sending ${s.sending}` : ""} by ${s.route}${s.message_id && html` as <span class="mono">${s.message_id}</span>`}${
      s.receipt && html`: ${s.receipt} <${Time} at=${s.receipt_at} />`}</li>`)}</ul>`}</div></li>`)}</ol>
    ${list.items.length === 0 && html`<p class="empty">Nothing has happened to this card yet.</p>`}
    <div class="below">${list.more && html`<button onClick=${list.next}>Older</button>`}<button class="quiet" onClick=${list.reload}>Refresh</button></div>`;
}

export function Card({ id, query }) {
  const { data: s, fault, reload } = useGet(`/cards/${part(id)}`, refresh_ms);
  const explain = useGet(`/cards/${part(id)}/explain`, refresh_ms);
  const changes = useList(`/cards/${part(id)}/changes?limit=10`);
  const timeline = useList(`/cards/${part(id)}/timeline?limit=25`);
  const reloads = [reload, explain.reload, changes.reload, timeline.reload];
  const after = useCallback(() => { for (const again of reloads) again(); }, reloads);
  useNews(id, after);
  const known = useReasons();
  const [question, ask] = useState(null);
  if (!s) return html`<div class="title"><h1 class="mono" tabindex="-1">${id}</h1></div>${fault ? html`<${Fault} of=${fault} />` : html`<p class="soft">Asking the gateway …</p>`}
    ${explain.data && html`<${Panel} title="What is known" id="why"><${Explanation} of=${explain.data} /><//>`}`;
  return html`
    <div class="title"><h1 class="mono" tabindex="-1">${s.iccid}</h1><${Badge} is=${s.standing} />${s.hold && html`<span class="soft">
      <${Reason} code=${s.hold} known=${known} /></span>`}
      ${may("operate") && html`<span class="row push"><a class="button" href=${`#/changes?card=${part(s.iccid)}`}>Send a change</a>${actions_of(s, after).map(([name, question_]) => html`<button class=${question_.danger ? "danger" : ""} onClick=${() => ask(question_)}>${name}</button>`)}</span>`}</div>
    <${Fault} of=${fault} />
    <div class="two">
      <${Panel} title="Identity" id="identity" stale=${fault}><${Identity} s=${s} /><//>
      <${Panel} title="Explained" id="why" stale=${explain.fault}><${Explanation} of=${explain.data} /><//>
    </div>
    <${Nodes} iccid=${s.iccid} known=${known} protected_first=${query.protected === "true"} />
    <${Panel} title="Open changes" id="open" tight aside=${html`<span class="soft small">${count(s.open_events?.length ?? 0)}</span>`}>
      <${Table} label="Open changes" columns=${[["Change"], ["Operation"], ["Node"], ["Phase"], ["Attempts", "number"], ["Accepted"], ["Expires"]]} empty="No change of this card is open.">
        ${(s.open_events ?? []).map((e) => html`<tr key=${e.seq}><th scope="row">${event_link(e.id, e.source)}</th><td>${e.op}</td>
          <td class="mono">${e.node}</td><td><${Badge} is=${e.phase} /></td><td class="number">${e.attempts}</td><td>
          <${Time} at=${e.accepted_at} /></td><td><${Time} at=${e.expires_at} /></td></tr>`)}<//>
    <//>
    <${Panel} title="Packets" id="packets" tight><${Packets} iccid=${s.iccid} /><//>
    <div class="two">
      <${Panel} title="Timeline" id="timeline" tight><${Timeline} list=${timeline} /><//>
      <${Panel} title="Last changes" id="last" tight>
        <${Listing} of=${changes} label="Last changes" empty="No change for this card is known." columns=${[["Change"], ["Node"], ["State"], ["Reason"]]}
          row=${(e) => html`<tr key=${e.seq}>
            <th scope="row">${event_link(e.id, e.source)}<div class="soft small">${e.op}, <${Time} at=${e.accepted_at} /></div></th>
            <td class="mono">${e.node}</td><td><${Badge} is=${e.state} /></td>
            <td><code title=${known[e.reason]?.meaning ?? ""}>${e.reason ?? ""}</code></td></tr>`} />
      <//>
    </div>
    <${Confirm} ask=${question} close=${() => ask(null)} />`;
}
