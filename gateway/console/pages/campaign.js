// One campaign: how far it is, what became of its cards, and to halt it.
import { Badge, Confirm, Fault, Listing, Panel, Table, Time, Tree, card_link, count, event_link, html, say, useGet, useList, useReasons, useState } from "./parts.js";
import { may, part, post, with_query } from "./api.js";
import { Progress } from "./campaigns.js";

const over = ["completed", "cancelled"], source = "otagw/campaigns";
const has_event = (card) => card.outcome !== "waiting" && card.outcome !== "skipped";

export function Campaign({ id, query }) {
  const [every_ms, set_every] = useState(2000);
  const { data: c, fault, reload } = useGet(`/campaigns/${part(id)}`, every_ms);
  const cards = useList(with_query(`/campaigns/${part(id)}/cards`, { outcome: query.outcome, limit: 50 }));
  const known = useReasons();
  const [question, ask] = useState(null);
  if (!c) return html`<div class="title"><h1 tabindex="-1">${id}</h1></div><${Fault} of=${fault} />`;
  const ended = over.includes(c.state);
  if (ended && every_ms) set_every(0);
  const to = (verb) => async () => { await post(`/campaigns/${part(id)}/${verb}`, {}); say(`Campaign ${id}: ${verb} done.`); reload(); cards.reload(); };
  const halted = c.state === "paused" || c.state === "stopped";
  const resume = { title: "Go on with this campaign?", text: "The failures so far do not count any more.", verb: "Resume", run: to("resume") };
  const pause = { title: "Pause this campaign?", text: "No further card gets the change until it is resumed. What was created goes on.", verb: "Pause", run: to("pause") };
  const cancel = { title: "Cancel this campaign?", text: "No further card gets the change, and what waits is cancelled. This cannot be undone.", verb: "Cancel the campaign", danger: true, run: to("cancel") };
  const outcomes = Object.entries(c.outcomes ?? {}).filter(([, n]) => n > 0);
  return html`
    <div class="title"><h1 tabindex="-1">${c.name}</h1><${Badge} is=${c.state} />
      ${may("operate") && !ended && html`<span class="row push">${halted ? html`<button onClick=${() => ask(resume)}>Resume …</button>` : html`<button onClick=${() => ask(pause)}>Pause …</button>`}<button class="danger" onClick=${() => ask(cancel)}>Cancel …</button></span>`}</div>
    <${Fault} of=${fault} />
    ${c.why && html`<p class="note wait">${c.why}</p>`}
    <${Panel} title="Progress" id="progress">
      <div class="stack"><div><${Progress} of=${c} />
        <p class="soft small">${count(c.done)} of ${count(c.cards)} cards done</p></div>
      <dl class="facts"><dt>Created</dt><dd><${Time} at=${c.created_at} /> by ${c.created_by ?? "–"}</dd>
        ${c.started_at && html`<dt>Started</dt><dd><${Time} at=${c.started_at} /></dd>`}${c.ended_at && html`<dt>Ended</dt><dd>
          <${Time} at=${c.ended_at} /></dd>`}</dl></div>
    <//>
    <div class="two">
      <${Panel} title="Outcomes" id="outcomes" tight>
        <${Table} label="Outcomes" columns=${[["Outcome"], ["Cards", "number"]]} empty="No card has been decided on yet.">
          ${outcomes.map(([name, n]) => html`<tr><th scope="row"><a href=${with_query(`#/campaigns/${part(id)}`, { outcome: name })}>${name}</a></th>
            <td class="number">${count(n)}</td></tr>`)}<//>
        ${Object.keys(c.reasons ?? {}).length > 0 && html`<div class="below"><${Tree} of=${c.reasons} /></div>`}<//>
      <${Panel} title="What it does" id="what"><${Tree} of=${c.document} /><//>
    </div>
    <${Panel} title=${query.outcome ? `Cards: ${query.outcome}` : "Cards"} id="cards" tight aside=${html`<button class="quiet push" onClick=${cards.reload}>Refresh</button>`}>
      <${Listing} of=${cards} label="Cards of the campaign" empty="No card." columns=${[["Card"], ["Outcome"], ["Reason"], ["Change"], ["At"]]}
        row=${(m) => html`<tr key=${m.iccid}><th scope="row">${card_link(m.iccid)}</th><td><${Badge} is=${m.outcome} /></td>
          <td><code title=${known[m.reason]?.meaning ?? ""}>${m.reason ?? ""}</code></td>
          <td>${has_event(m) ? event_link(`${c.name}/${m.iccid}`, source) : "–"}</td><td><${Time} at=${m.at ?? m.not_before} /></td></tr>`} />
    <//>
    <${Confirm} ask=${question} close=${() => ask(null)} />`;
}
