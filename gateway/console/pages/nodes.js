// The management object of a card as a tree: desired by the server, reported by the card, incorporated by the device.
import { Badge, Fault, Panel, Reason, Table, Time, html, useGet, useState } from "./parts.js";
import { may, part, with_query } from "./api.js";

const refresh_ms = 4000;

function Value({ of }) {
  if (of.value === undefined || of.value === null) return null;
  const text = typeof of.value === "object" ? JSON.stringify(of.value) : String(of.value);
  return html`<div class="mono" title=${text}>${text.length > 120 ? `${text.slice(0, 120)} …` : text}</div>`;
}

function Image({ of, none }) {
  if (!of) return html`<span class="soft">${none}</span>`;
  return html`<${Value} of=${of} /><div class="soft small">${of.size !== undefined ? `${of.size} octets` : ""}${of.sha256 ? html`, <code title="first 8 octets of the SHA-256">${of.sha256.slice(0, 8)}</code>` : ""}</div>`;
}

function State({ n, known }) {
  if (n.blocked) return html`<${Badge} is="blocked" /> <div class="small"><${Reason} code=${n.blocked} known=${known} /></div>`;
  if (n.in_step) return html`<${Badge} is="in step" />`;
  if (n.desired && !n.reported) return html`<${Badge} is="unknown" />`;
  return html`<${Badge} is="differs" />`;
}

function Device({ of }) {
  if (!of) return html`<span class="soft">–</span>`;
  return html`<${Badge} is=${of.state} />${of.at && html` <span class="soft small"><${Time} at=${of.at} /></span>`}${of.drifts > 0 && html`<div class="soft small">edited there ${of.drifts} times</div>`}`;
}

/// Rows in the order of a tree: {depth, name, uri, node?}; inner nodes without a value of their own come before theirs.
export function rows_of(nodes) {
  const rows = [], seen = new Set();
  for (const n of [...nodes].sort((a, b) => (a.uri < b.uri ? -1 : 1))) {
    const parts = n.uri.replace(/^\.\//, "").split("/");
    for (let depth = 0; depth < parts.length; ++depth) {
      const uri = `./${parts.slice(0, depth + 1).join("/")}`, leaf = depth === parts.length - 1;
      if (seen.has(uri)) continue;
      seen.add(uri);
      rows.push({ depth, name: parts[depth], uri, node: leaf ? n : null });
    }
  }
  return rows;
}

export function Nodes({ iccid, known, protected_first }) {
  const [all, set_all] = useState(protected_first);
  const { data, fault } = useGet(with_query(`/cards/${part(iccid)}/nodes`, { protected: all && may("keys"), limit: 1000 }), refresh_ms);
  const aside = may("keys") && html`<label class="check small push"><input type="checkbox" checked=${all} onChange=${(e) => set_all(e.target.checked)} /> Show protected values</label>`;
  return html`<${Panel} title="Management object" id="nodes" tight aside=${aside} stale=${fault && data}>
    <${Fault} of=${fault} />
    ${data && html`<${Table} label="Management object" columns=${[["Node"], ["Desired"], ["Reported by the card"], ["Incorporated by the device"], ["State"]]} empty="Nothing was ever asked of this card.">
      ${rows_of(data.items ?? data.nodes ?? []).map(({ depth, name, uri, node: n }) => n === null
        ? html`<tr class="group" key=${uri}><th scope="row" colspan="5" class=${`mono level-${Math.min(depth, 4)}`}>${name}/</th></tr>`
        : html`<tr key=${uri}><th scope="row" class=${`level-${Math.min(depth, 4)}`} title=${uri}><span class="mono">${name}</span>${n.secret || n.protected ? html` <${Badge} is="protected" tone="held" />` : ""}</th>
            <td><${Image} of=${n.desired} none="–" /></td><td><${Image} of=${n.reported} none="not proven" /></td><td><${Device} of=${n.device} /></td><td><${State} n=${n} known=${known} /></td></tr>`)}<//>`}
  <//>`;
}
