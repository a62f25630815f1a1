// The management object of a card as a tree: desired by the server, reported by the card, incorporated by the device.
import { Badge, Fault, Panel, Reason, Table, Time, html, useGet, useState } from "./parts.js";
import { may, part, with_query } from "./api.js";

const refresh_ms = 4000, shown_octets = 40;

/// The text in octets where there is some: what can be read of a file that holds a name between length and filler.
export function text_in(hex) {
  const octets = (hex.match(/../g) ?? []).map((o) => parseInt(o, 16));
  const run = octets.map((o) => (o >= 0x20 && o < 0x7f ? String.fromCharCode(o) : "\0")).join("").split("\0").reduce((a, b) => (b.length > a.length ? b : a), "");
  return run.length >= 3 ? run : "";
}

function Octets({ hex }) {
  const text = text_in(hex), short = hex.length > 2 * shown_octets ? `${hex.slice(0, 2 * shown_octets)} …` : hex;
  return html`${text && html`<div>“${text}”</div>`}<div class="mono small soft octets" title=${`${hex.length / 2} octets`}>${short || "empty"}</div>`;
}

function Image({ of, octets, none }) {
  if (!of) return html`<span class="soft">${none}</span>`;
  if (octets !== undefined) return html`<${Octets} hex=${octets} />`;
  return html`<div class="soft small">${of.size} octets${of.sha256 ? html`, <code title="first 8 octets of the SHA-256">${of.sha256.slice(0, 8)}</code>` : ""}</div>`;
}

function Leaf({ of, none }) {
  if (!of) return html`<span class="soft">${none}</span>`;
  if (of.value === undefined && of.hex === undefined) return html`<span class="soft small">${of.size} octets, protected</span>`;
  return of.hex !== undefined ? html`<${Octets} hex=${of.hex} />` : html`<span class="mono">${of.value === "" ? "empty" : of.value}</span>`;
}

function State({ n, known }) {
  if (n.blocked) return html`<${Badge} is="blocked" /> <div class="small"><${Reason} code=${n.blocked} known=${known} /></div>`;
  if (n.in_step) return html`<${Badge} is="in step" />`;
  if (!n.desired) return html`<span class="soft" title="Nothing is asked of it">–</span>`;
  if (!n.reported) return html`<${Badge} is="unknown" />`;
  return html`<${Badge} is="differs" />`;
}

function LeafState({ of }) {
  if (!of.desired || !of.reported || (of.secret && of.desired.value === undefined && of.desired.hex === undefined)) return html`<span class="soft">–</span>`;
  const same = of.desired.value === of.reported.value && of.desired.hex === of.reported.hex;
  return html`<span class=${same ? "soft" : ""}>${same ? "same" : "differs"}</span>`;
}

function Device({ of }) {
  if (!of) return html`<span class="soft">–</span>`;
  return html`<${Badge} is=${of.state} />${of.at && html` <span class="soft small">
    <${Time} at=${of.at} /></span>`}${of.drifts > 0 && html`<div class="soft small">edited there ${of.drifts} times</div>`}`;
}

/// Rows in the order of a tree: {depth, name, uri, node?, leaf?, within?}; inner nodes without a value of their own come before theirs.
/// `within` is the object that a leaf, and what lies between, belongs to.
export function rows_of(nodes) {
  const rows = [], seen = new Set();
  const put = (uri, what, within) => {
    const names = uri.replace(/^\.\//, "").split("/");
    names.forEach((name, depth) => {
      const at = `./${names.slice(0, depth + 1).join("/")}`;
      if (seen.has(at)) return;
      seen.add(at);
      rows.push({ depth, name, uri: at, within, ...(at === uri ? what : {}) });
    });
  };
  for (const n of [...nodes].sort((a, b) => (a.uri < b.uri ? -1 : 1))) {
    put(n.uri, { node: n });
    for (const leaf of n.leaves ?? []) put(leaf.uri, { leaf }, n.uri);
  }
  return rows;
}

const level = (depth) => `level-${Math.min(depth, 4)}`;

function Row({ row, known, opened, turn }) {
  const { depth, name, uri, node: n, leaf } = row;
  if (leaf) {
    return html`<tr><th scope="row" class=${level(depth)} title=${uri}><span class="mono">${name}</span>${leaf.secret ? html` <${Badge} is="protected" tone="held" />` : ""}</th>
      <td><${Leaf} of=${leaf.desired} none="–" /></td><td><${Leaf} of=${leaf.reported} none="not proven" /></td><td></td><td>
        <${LeafState} of=${leaf} /></td></tr>`;
  }
  if (!n) return html`<tr class="group"><th scope="row" colspan="5" class=${`mono ${level(depth)}`}>${name}/</th></tr>`;
  return html`<tr><th scope="row" class=${level(depth)} title=${uri}><span class="mono">${name}</span>${n.secret ? html` <${Badge} is="protected" tone="held" />` : ""}
      ${n.leaves?.length > 0 && html`<div>
        <button class="quiet small" aria-expanded=${opened} onClick=${() => turn(n.uri)}>${opened ? "Hide" : "Show"} leaves (${n.leaves.length})</button></div>`}</th>
    <td><${Image} of=${n.desired} octets=${n.value?.desired} none="–" /></td><td>
      <${Image} of=${n.reported} octets=${n.value?.reported} none="not proven" /></td>
    <td><${Device} of=${n.device} /></td><td><${State} n=${n} known=${known} /></td></tr>`;
}

export function Nodes({ iccid, known, protected_first }) {
  const [all, set_all] = useState(protected_first);
  const [opened, set_opened] = useState({});
  const with_secrets = all && may("keys");
  // Each look at protected values is recorded in the audit log: it is not repeated by itself.
  const { data, fault } = useGet(with_query(`/cards/${part(iccid)}/nodes`, { protected: with_secrets }), with_secrets ? 0 : refresh_ms);
  const aside = may("keys") && html`<label class="check small push">
    <input type="checkbox" checked=${all} onChange=${(e) => set_all(e.target.checked)} /> Show protected values</label>`;
  const rows = rows_of(data?.items ?? []).filter((row) => !row.within || opened[row.within]);
  return html`<${Panel} title="Management object" id="nodes" tight aside=${aside} stale=${fault && data}>
    <${Fault} of=${fault} />
    ${data && html`<${Table} label="Management object" columns=${[["Node"], ["Desired"], ["Reported by the card"], ["Incorporated by the device"], ["State"]]} empty="Nothing was ever asked of this card.">
      ${rows.map((row) => html`<${Row} key=${row.uri} row=${row} known=${known} opened=${Boolean(opened[row.uri])} turn=${(uri) => set_opened({ ...opened, [uri]: !opened[uri] })} />`)}<//>`}
  <//>`;
}
