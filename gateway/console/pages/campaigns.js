// One change for many cards: what runs, and a form that estimates before it begins.
import { Badge, Fault, Field, Listing, Panel, Time, Tree, count, html, say, useList, useState } from "./parts.js";
import { may, part, post } from "./api.js";

const ops = ["replace", "add", "delete", "copy", "exec"];

const days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

const is_object = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

/// `more` laid over the document, object by object.
const merged = (document, more) =>
  Object.entries(more).reduce((out, [name, value]) => ({ ...out, [name]: is_object(value) && is_object(out[name]) ? merged(out[name], value) : value }), document);

function object_of(text) {
  if (!text) return {};
  let read;
  try {
    read = JSON.parse(text);
  } catch (fault) {
    throw new Error(`More (JSON) is no JSON: ${fault.message}`);
  }
  if (!is_object(read)) throw new Error("More (JSON) should be an object: {\"priority\": 0}");
  return read;
}

/// The document of the form, as POST /campaigns takes it; empty fields are left out. Throws when what was written as JSON is none.
export function campaign_of(form) {
  const text = (name) => (form.get(name) ?? "").toString().trim();
  const number = (name, of = 1) => (text(name) ? Number(text(name)) / of : undefined);
  const some = (fields) => Object.fromEntries(Object.entries(fields).filter(([, v]) => v !== "" && v !== undefined));
  const iccids = text("iccids").split(/[\s,;]+/).filter(Boolean);
  const cards = iccids.length ? { iccids } : some({ profile: text("profile"), label: text("label"), iccid_prefix: text("iccid_prefix") });
  const out = {
    name: text("name"),
    change: some({ op: text("op"), node: text("node"), from: text("from"), format: ["replace", "add"].includes(text("op")) ? text("format") : "", value: ["replace", "add", "exec"].includes(text("op")) ? text("value") : "" }),
    cards: Object.keys(cards).length ? cards : { all: form.get("all") !== null },
  };
  const canary = some({ cards: number("canary"), share: number("canary_share", 100), failure_rate: number("failure_rate", 100), wait: text("canary_wait") });
  if (Object.keys(canary).length) out.canary = canary;
  for (const name of ["start", "end"]) if (text(name)) out[name] = new Date(text(name)).toISOString();
  const on = form.getAll("days");
  const hours = some({ from: text("from_hour"), to: text("to_hour") }), quiet = some({ from: text("quiet_from"), to: text("quiet_to") });
  if (Object.keys(hours).length || on.length < days.length) {
    out.window = { ...(Object.keys(hours).length ? hours : { from: "00:00", to: "24:00" }), ...(on.length < days.length ? { days: on } : {}) };
  }
  if (Object.keys(quiet).length) out.quiet_hours = quiet;
  if (text("zone")) out.zone = { name: text("zone") };
  if (text("pace")) out.pace = text("pace");
  if (text("sms")) out.sms_per_card_and_day = number("sms");
  return merged(out, object_of(text("more")));
}

/// "120 cards, 260 SMS, 0.2 hours"
function sentence_of(e) {
  return `${count(e.cards)} cards, ${e.at_least ? "at least " : ""}${count(e.sms)} SMS${e.hours === undefined ? "" : `, ${e.hours} hours`}. Nothing was begun.`;
}

function Create({ created }) {
  const [fault, set_fault] = useState(null);
  const [estimate, set_estimate] = useState(null);
  const [op, set_op] = useState("replace");
  const submit = async (event) => {
    event.preventDefault();
    const dry = event.submitter?.value === "dry";
    set_fault(null);
    try {
      const body = campaign_of(new FormData(event.target));
      const answer = await post(dry ? "/campaigns?dry_run=true" : "/campaigns", body);
      set_estimate(dry ? answer : null);
      say(dry ? "The estimate is there." : "The campaign is created.");
      if (!dry) created(body.name);
    } catch (problem) {
      set_estimate(null);
      set_fault(problem);
    }
  };
  return html`<${Panel} title="New campaign" id="new">
    <form onSubmit=${submit}>
      <div class="fields">
        <${Field} label="Name">
          <input class="mono" name="name" required pattern="[a-z0-9._\\-]{1,64}" title="1 to 64 of a-z, 0-9, dot, _ and -" autocomplete="off" /><//>
        <${Field} label="Operation">
          <select name="op" onChange=${(e) => set_op(e.target.value)}>${ops.map((o) => html`<option value=${o}>${o}</option>`)}</select><//>
        <${Field} label="Node"><input class="mono" name="node" required placeholder="./SC/USIM/SPN" autocomplete="off" spellcheck=${false} /><//>
        ${op === "copy" && html`<${Field} label="Copied from node"><input class="mono" name="from" required autocomplete="off" /><//>`}
        ${["replace", "add"].includes(op) && html`<${Field} label="Format">
          <select name="format"><option value="chr">chr</option><option value="bin">bin</option><option value="int">int</option><option value="bool">bool</option><option value="xml">xml</option><option value="">none (JSON)</option></select><//>`}
        ${["replace", "add", "exec"].includes(op) && html`<${Field} label="Value">
          <input class="mono" name="value" autocomplete="off" spellcheck=${false} /><//>`}
      </div>
      <h3>Which cards</h3>
      <div class="fields">
        <${Field} label="Profile"><input name="profile" autocomplete="off" /><//>
        <${Field} label="Label (key=value)"><input name="label" autocomplete="off" /><//>
        <${Field} label="ICCID begins with"><input class="mono" name="iccid_prefix" inputmode="numeric" pattern="[0-9]*" autocomplete="off" /><//>
        <label class="check"><input type="checkbox" name="all" /> All cards, when nothing is given</label>
        <${Field} label="Or these ICCIDs" whole><textarea class="mono" name="iccids" rows="2"></textarea><//>
      </div>
      <details><summary>Canary, times, pace</summary>
        <div class="fields">
          <${Field} label="Canary: cards first"><input type="number" name="canary" min="1" /><//>
          <${Field} label="Or their share, in %"><input type="number" name="canary_share" min="0" max="100" step="any" placeholder="1" /><//>
          <${Field} label="Stop above failures, in %"><input type="number" name="failure_rate" min="0" max="100" step="0.1" placeholder="5" /><//>
          <${Field} label="Wait for canaries"><input name="canary_wait" placeholder="24h" autocomplete="off" /><//>
          <${Field} label="Start"><input type="datetime-local" name="start" /><//>
          <${Field} label="End"><input type="datetime-local" name="end" /><//>
          <${Field} label="From, each day"><input type="time" name="from_hour" /><//>
          <${Field} label="Until"><input type="time" name="to_hour" /><//>
          <${Field} label="Quiet from"><input type="time" name="quiet_from" /><//>
          <${Field} label="Quiet until"><input type="time" name="quiet_to" /><//>
          <${Field} label="Zone of these hours"><input name="zone" placeholder="Europe/Berlin" autocomplete="off" /><//>
          <div class="row whole" role="group" aria-label="On these days">${days.map((day) => html`<label class="check">
            <input type="checkbox" name="days" value=${day} defaultChecked /> ${day}</label>`)}</div>
          <${Field} label="Pace (20/s, 1000/h)"><input name="pace" autocomplete="off" /><//>
          <${Field} label="SMS per card and day, at most"><input type="number" name="sms" min="1" /><//>
          <${Field} label="More (JSON): zone.label, priority, bearer, life, open" whole><textarea class="mono" name="more" rows="2" spellcheck=${false}
            placeholder='{"zone": {"label": "tz"}, "priority": 0, "bearer": "bip", "life": "2d"}'></textarea><//>
        </div>
      </details>
      <${Fault} of=${fault} />
      ${estimate && html`<div class="note" role="status"><strong>${sentence_of(estimate)}</strong><${Tree} of=${estimate} /></div>`}
      <div class="row"><button value="dry">Estimate</button>${may("operate") ? html`<button class="main" value="go">Create</button>` : html`<span class="soft">To create takes the role operate.</span>`}</div>
    </form><//>`;
}

export const Progress = ({ of }) => html`<progress max=${of.cards || 1} value=${of.done} aria-label=${`${of.done} of ${of.cards} cards of ${of.name} done`}></progress>`;

export function Campaigns() {
  const list = useList("/campaigns?limit=50");
  return html`
    <div class="title"><h1 tabindex="-1">Campaigns</h1><button class="quiet push" onClick=${list.reload}>Refresh</button></div>
    <${Panel} title="Campaigns" id="list" tight>
      <${Listing} of=${list} label="Campaigns" empty="There is none yet." columns=${[["Name"], ["State"], ["Cards", "number"], ["Done"], ["Created"], ["By"]]}
        row=${(c) => html`<tr key=${c.name}><th scope="row"><a href=${`#/campaigns/${part(c.name)}`}>${c.name}</a></th><td>
          <${Badge} is=${c.state} /></td><td class="number">${count(c.cards)}</td>
          <td><${Progress} of=${c} /></td><td><${Time} at=${c.created_at} /></td><td>${c.created_by ?? "–"}</td></tr>`} />
    <//>
    <${Create} created=${(name) => { location.hash = `#/campaigns/${part(name)}`; }} />`;
}
