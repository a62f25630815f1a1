// One change: what became of it, cancel; and a form to send one.
import { Badge, Confirm, Fault, Field, Panel, Reason, Time, card_link, html, say, useGet, useReasons, useState } from "./parts.js";
import { call, may, part, with_query } from "./api.js";

const follow_ms = 1000;
const ops = ["replace", "add", "delete", "copy", "get", "exec"], formats = ["chr", "bin", "int", "bool", "xml", "null"];

/// The CloudEvent of the form; empty fields are left out.
export function event_of(form) {
  const text = (name) => (form.get(name) ?? "").toString().trim();
  const data = { op: text("op"), node: text("node") };
  if (data.op === "copy") data.from = text("from");
  const has_value = ["add", "replace", "exec"].includes(data.op) && text("format") !== "null";
  if (text("format") && data.op !== "delete" && data.op !== "get" && data.op !== "copy") data.format = text("format");
  if (has_value) data.value = value_of(text("format"), form.get("value") ?? "");
  if (text("revision")) data.revision = Number(text("revision"));
  const options = {};
  for (const name of ["not_before", "expires_at"]) if (text(name)) options[name] = new Date(text(name)).toISOString();
  if (text("priority")) options.priority = Number(text("priority"));
  if (text("bearer")) options.bearer = text("bearer");
  if (Object.keys(options).length) data.options = options;
  return { specversion: "1.0", type: "dm.mo.change.v1", ...(text("id") ? { id: text("id") } : {}), subject: text("card"), data };
}

/// JSON where it is JSON (a list of networks, a number), else the text as it stands.
function value_of(format, text) {
  if (format === "chr" || format === "bin" || format === "xml") return text;
  try { return JSON.parse(text); } catch { return text; }
}

function Sent({ of }) {
  if (!of) return null;
  const { id, source } = of;
  return html`<p class="note good" role="status"><strong>Taken: the change is durable</strong><a href=${with_query(`#/changes/${part(id)}`, { source })}>Follow ${id}</a></p>`;
}

function SendForm({ card }) {
  const [fault, set_fault] = useState(null);
  const [sent, set_sent] = useState(null);
  const [op, set_op] = useState("replace");
  const [shown, show] = useState("");
  const preview = (event) => show(JSON.stringify(event_of(new FormData(event.currentTarget)), null, 1));
  const submit = async (event) => {
    event.preventDefault();
    set_fault(null);
    set_sent(null);
    try {
      const answer = await call("POST", "/changes", event_of(new FormData(event.target)), { type: "application/cloudevents+json" });
      set_sent(answer.accepted[0]);
      say("The change is taken.");
    } catch (problem) {
      set_fault(problem);
    }
  };
  const curl = `curl -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/cloudevents+json" ${location.origin}/api/v1/changes -d '${shown.replace(/\n\s*/g, " ").replaceAll("'", "'\\''")}'`;
  return html`<${Panel} title="Send a change" id="send">
    <form onSubmit=${submit} onInput=${preview}>
      <div class="fields">
        <${Field} label="Card (ICCID)">
          <input class="mono" name="card" defaultValue=${card} required pattern="[0-9]{18,20}" title="18 to 20 digits" inputmode="numeric" autocomplete="off" /><//>
        <${Field} label="Operation">
          <select name="op" onChange=${(e) => set_op(e.target.value)}>${ops.map((o) => html`<option value=${o}>${o}</option>`)}</select><//>
        <${Field} label="Node"><input class="mono" name="node" required placeholder="./SC/USIM/SPN" autocomplete="off" spellcheck=${false} /><//>
        <${Field} label="Format">
          <select name="format">${formats.map((f) => html`<option value=${f}>${f}</option>`)}<option value="">none (JSON)</option></select><//>
        ${op === "copy" && html`<${Field} label="Copied from node"><input class="mono" name="from" required autocomplete="off" /><//>`}
        ${["replace", "add", "exec"].includes(op) && html`<${Field} label="Value" whole>
          <input class="mono" name="value" autocomplete="off" spellcheck=${false} /><//>`}
      </div>
      <details><summary>When, how, under which id</summary>
        <div class="fields">
          <${Field} label="Id (else one is given)"><input class="mono" name="id" autocomplete="off" /><//>
          <${Field} label="Revision"><input name="revision" inputmode="numeric" pattern="[0-9]*" autocomplete="off" /><//>
          <${Field} label="Not before"><input type="datetime-local" name="not_before" /><//>
          <${Field} label="Expires"><input type="datetime-local" name="expires_at" /><//>
          <${Field} label="Priority (-8 to 7)"><input type="number" name="priority" min="-8" max="7" /><//>
          <${Field} label="Bearer"><select name="bearer"><option value="">any</option><option value="sms">sms</option><option value="bip">bip</option></select><//>
        </div>
      </details>
      <${Fault} of=${fault} /><${Sent} of=${sent} />
      <div class="row"><button class="main">Send</button></div>
      ${shown && html`<details><summary>The same with curl</summary><pre class="code" tabindex="0">${curl}</pre></details>`}
    </form><//>`;
}

function Lookup({ id, source }) {
  const submit = (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    location.hash = with_query(`#/changes/${part(form.get("id").trim())}`, { source: form.get("source").trim() });
  };
  return html`<${Panel} title="Look up a change" id="lookup"><form onSubmit=${submit} role="search" aria-label="Changes">
    <div class="fields">
      <${Field} label="Id"><input class="mono" name="id" required defaultValue=${id} autocomplete="off" /><//>
      <${Field} label="Source (if it is not this console)"><input class="mono" name="source" defaultValue=${source ?? ""} autocomplete="off" /><//>
      <div class="row"><button class="main">Look up</button></div>
    </div></form><//>`;
}

function Sheet({ s, reload }) {
  const known = useReasons();
  const [question, ask] = useState(null);
  const cancel = () => ask({ title: "Cancel this change?", text: "It ends as rejected, with the reason cancelled. What is in flight cannot be cancelled: the card's proof decides it.", verb: "Cancel the change", danger: true,
    run: async () => { await call("DELETE", with_query(`/changes/${part(s.id)}`, { source: s.source })); say("The change is cancelled."); reload(); } });
  return html`
    <div class="two wide-left">
      <${Panel} title="The change" id="sheet" aside=${may("operate") && !s.final && html`<button class="danger push" onClick=${cancel}>Cancel …</button>`}>
        <dl class="facts">
          <dt>State</dt><dd><${Badge} is=${s.state} />${s.phase ? html` <${Badge} is=${s.phase} />` : ""}</dd>
          ${s.reason && html`<dt>Reason</dt><dd><${Reason} code=${s.reason} known=${known} /></dd>`}
          ${s.detail && html`<dt>Detail</dt><dd>${s.detail}</dd>`}
          <dt>Card</dt><dd>${card_link(s.subject)}</dd>
          <dt>Change</dt><dd>${s.op} <span class="mono">${s.node}</span></dd>
          <dt>Source</dt><dd class="mono">${s.source}</dd>
          ${s.revision !== undefined && html`<dt>Revision</dt><dd>${s.revision}</dd>`}
          <dt>Accepted</dt><dd><${Time} at=${s.accepted_at} /></dd>
          ${s.closed_at && html`<dt>Closed</dt><dd><${Time} at=${s.closed_at} /></dd>`}
          ${s.device && html`<dt>Device</dt><dd><${Badge} is=${s.device.state} /> <${Time} at=${s.device.at} /></dd>`}
        </dl><//>
      <${Panel} title="The card in that time" id="history" tight>
        <ol class="timeline">${(s.history ?? []).map((h) => html`<li><${Time} at=${h.at} /><div><div class="what">${h.entry?.what}</div>
          <div class="rest mono">${Object.entries(h.entry ?? {}).filter(([n]) => n !== "what").map(([n, v]) => `${n} ${v}`).join(" · ")}</div></div></li>`)}</ol>
        ${(s.history ?? []).length === 0 && html`<p class="empty">Nothing went to the card in that time.</p>`}
      <//>
    </div>
    <${Confirm} ask=${question} close=${() => ask(null)} />`;
}

/// Asked again until it has ended; a change that was sent a moment ago may not be taken in yet.
function One({ id, source }) {
  const [every_ms, set_every] = useState(follow_ms);
  const { data, fault, reload } = useGet(with_query(`/changes/${part(id)}`, { source }), every_ms);
  const waits = fault?.status === 404;
  if (data?.final && every_ms) set_every(0);
  const sources = fault?.body?.sources ?? [];
  return html`
    ${waits ? html`<p class="note wait" role="status"><strong>Not taken in (yet)</strong>${fault.message}. The console goes on asking.</p>` : html`<${Fault} of=${fault} />`}
    ${sources.length > 0 && html`<ul class="sentences">${sources.map((from) => html`<li><a href=${with_query(`#/changes/${part(id)}`, { source: from })}>${from}</a></li>`)}</ul>`}
    ${data && html`<${Sheet} s=${data} reload=${reload} />`}`;
}

export function Changes({ id, query }) {
  return html`
    <div class="title"><h1 tabindex="-1" class=${id ? "mono" : ""}>${id || "Changes"}</h1></div>
    ${id && html`<${One} key=${`${id} ${query.source}`} id=${id} source=${query.source} />`}
    <${Lookup} key=${id} id=${id} source=${query.source} />
    ${!id && (may("operate") ? html`<${SendForm} card=${query.card} />` : html`<p class="soft">To send a change takes the role operate.</p>`)}`;
}
