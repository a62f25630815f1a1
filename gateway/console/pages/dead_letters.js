// Records that could not become a change: why, and to let them in again.
import { Confirm, Fault, Field, Listing, Panel, Reason, Time, Tree, Badge, card_link, html, say, useGet, useList, useReasons, useState } from "./parts.js";
import { may, part, post, with_query } from "./api.js";

function One({ place, known, ask }) {
  const { data: l, fault, reload } = useGet(`/dead-letters/${part(place)}`);
  if (!l) return html`<${Fault} of=${fault} />`;
  const replay = () => ask({ title: "Let it in again?", text: "The record goes back into the queue as it was. Correct the cause first, or it dies again.", verb: "Replay",
    fields: html`<${Field} label="Under a new id (only when the id was used before with other content)">
      <input class="mono" name="new_id" autocomplete="off" /><//>
      ${l.replayed_at && html`<label class="check"><input type="checkbox" name="again" /> It was replayed before; once more</label>`}`,
    run: async (form) => {
      await post(`/dead-letters/${part(place)}/replay`, { again: form.get("again") !== null, new_id: form.get("new_id").trim() || null });
      say("The dead letter is replayed.");
      reload();
    } });
  return html`<${Panel} title="The record" id="record" aside=${may("operate") && html`<button class="push" onClick=${replay}>Replay …</button>`}>
    <p><${Reason} code=${l.reason} known=${known} /></p>
    <${Tree} of=${l} />
    <//>`;
}

export function DeadLetters({ id }) {
  const [open_only, only_open] = useState(false);
  const list = useList(with_query("/dead-letters", { limit: 100, open: open_only }));
  const known = useReasons();
  const [question, ask] = useState(null);
  return html`
    <div class="title"><h1 tabindex="-1">Dead letters</h1><button class="quiet push" onClick=${list.reload}>Refresh</button></div>
    ${id && html`<${One} key=${id} place=${id} known=${known} ask=${ask} />`}
    <${Panel} title="Records that could not become a change" id="letters" tight aside=${html`<label class="check push">
      <input type="checkbox" checked=${open_only} onChange=${(e) => only_open(e.target.checked)} /> Only those not replayed yet</label>`}>
      <${Listing} of=${list} label="Dead letters" empty=${open_only ? "None waits for a replay." : "None: every record became a change."} columns=${[["Place"], ["Died"], ["Reason and what it means"], ["Id"], ["Card"], ["Replayed"]]}
        row=${(l) => html`<tr key=${l.place} aria-current=${l.place === id ? "true" : null}>
          <th scope="row"><a class="mono" href=${`#/dead-letters/${part(l.place)}`}>${l.place}</a></th><td><${Time} at=${l.at} /></td>
          <td><${Reason} code=${l.reason} known=${known} />${l.detail && html`<div class="soft small">${l.detail}</div>`}</td>
            <td class="mono">${l.id || "–"}</td><td>${l.subject ? card_link(l.subject) : "–"}</td>
          <td>${l.replayed_at ? html`<${Badge} is="replayed" tone="good" />` : "–"}</td></tr>`} />
    <//>
    <${Confirm} ask=${question} close=${() => ask(null)} />`;
}
