// Which cards there are: search by ICCID, number, profile, label, standing.
import { Badge, Field, Listing, Panel, card_link, Time, html, useEffect, useState } from "./parts.js";
import { useList } from "./parts.js";
import { with_query } from "./api.js";

const standings = ["active", "suspended", "quarantined", "replaced", "erased"];

/// What the search of the head means: digits of an ICCID begin with 89; else a number; with "=" a label; else a profile.
function filter_of(text) {
  const digits = text.replace(/[\s-]/g, "");
  if (text === "") return {};
  if (/^89\d*$/.test(digits)) return { iccid: digits };
  if (/^\+?\d+$/.test(digits)) return { msisdn: digits.replace("+", "") };
  return text.includes("=") ? { label: text } : { profile: text };
}

export function Cards({ query }) {
  const asked = query.find !== undefined ? filter_of(query.find) : query;
  const { find: _, ...filter } = asked;
  const [draft, set_draft] = useState(filter);
  useEffect(() => set_draft(filter), [JSON.stringify(filter)]);
  const found = useList(with_query("/cards", { limit: 50, ...filter }));
  const put = (name) => (event) => set_draft({ ...draft, [name]: event.target.value.trim() });
  const search = (event) => {
    event.preventDefault();
    location.hash = with_query("#/cards", draft);
  };
  return html`
    <div class="title"><h1 tabindex="-1">Cards</h1></div>
    <${Panel} title="Search" id="search">
      <form onSubmit=${search} role="search" aria-label="Cards">
        <div class="fields">
          <${Field} label="ICCID begins with">
            <input class="mono" inputmode="numeric" value=${draft.iccid ?? ""} onInput=${put("iccid")} maxlength="20" /><//>
          <${Field} label="Number"><input class="mono" inputmode="tel" value=${draft.msisdn ?? ""} onInput=${put("msisdn")} /><//>
          <${Field} label="Profile"><input value=${draft.profile ?? ""} onInput=${put("profile")} /><//>
          <${Field} label="Label (key=value)"><input value=${draft.label ?? ""} onInput=${put("label")} /><//>
          <${Field} label="Standing">
            <select onChange=${put("standing")}><option value="">any</option>${standings.map((s) => html`<option value=${s} selected=${s === draft.standing}>${s}</option>`)}</select><//>
          <div class="row"><button class="main">Search</button><a class="button" href="#/cards">All</a></div>
        </div>
      </form>
    <//>
    <${Panel} title="Cards found" id="found" tight>
      <${Listing} of=${found} label="Cards found" empty="No card fits. An ICCID is searched from its first digit on; a number without spaces."
        columns=${[["ICCID"], ["Number"], ["Profile"], ["Standing"], ["Labels"], ["Due"]]}
        row=${(c) => html`<tr key=${c.iccid}><th scope="row">${card_link(c.iccid)}</th><td class="mono nowrap">${c.msisdn || "–"}</td>
          <td>${c.profile}</td><td><${Badge} is=${c.standing} /></td><td>${c.labels || "–"}</td><td><${Time} at=${c.due} /></td></tr>`} />
    <//>`;
}
