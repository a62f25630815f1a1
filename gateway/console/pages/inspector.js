// Packets from a trace, field by field.
import { Badge, Fault, Field, Panel, Tree, html, say, useState } from "./parts.js";
import { may, post } from "./api.js";

const kinds = [["auto", "find out"], ["command", "command packet (to the card)"], ["response", "response packet (from the card)"], ["cat-tp", "CAT_TP PDU"]];
const kind_names = { command: "command packet", response: "response packet", "cat-tp": "CAT_TP PDU" };
const names = {
  udh: "UDH", cpl: "CPL", chl: "CHL", rpl: "RPL", rhl: "RHL", spi_fields: "SPI, bit by bit", por: "PoR", por_integrity: "PoR integrity", por_ciphered: "PoR ciphered", por_by: "PoR by",
  ciphered_octets: "Octets that are ciphered, from CNTR on", octets_after_tar: "Octets after TAR",
  spi: "SPI", kic: "KIc", kid: "KID", tar: "TAR", cntr: "CNTR (counter)", pcntr: "PCNTR (padding)", sw: "SW (status word)", spi2: "SPI, second octet", eack: "EACK",
  status: "Response status", status_text: "Response status, in words", data: "Data", verified: "Integrity holds",
};
const keys = [["kic_key", "Key of KIc"], ["kid_key", "Key of KID"], ["spi2", "SPI2 of the command"], ["kic", "KIc of the command"], ["kid", "KID of the command"]];

const verdicts = {
  verified: ["good", "Verified", "The packet is what the holder of these keys made."],
  mismatch: ["bad", "Not verified", "The checksum does not fit these keys."],
  unsecured: ["wait", "Unsecured", "The packet carries no security: anybody can have made it."],
  "not-asked": ["wait", "Read, not verified", "No keys were given to verify it with."],
  "keys-needed": ["wait", "Keys are needed", "Only what stands in the clear is told."],
  "not-offered": ["wait", "Not opened", "Only what stands in the clear is told."],
  "checksum-holds": ["good", "Whole", "The checksum of the PDU holds."],
  "checksum-mismatch": ["bad", "Damaged", "The checksum of the PDU does not hold."],
};

export function Inspector() {
  const [answer, set_answer] = useState(null);
  const [fault, set_fault] = useState(null);
  const submit = async (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    const lines = form.get("hex").split(/\n+/).map((l) => l.replace(/[^0-9a-fA-F]/g, "")).filter(Boolean);
    const body = { kind: form.get("kind"), hex: lines.length === 1 ? lines[0] : lines };
    for (const name of ["card", ...keys.map(([name]) => name)]) if (form.get(name)?.trim()) body[name] = form.get(name).trim();
    if (form.get("framing") && form.get("framing") !== "sms") body.framing = form.get("framing");
    set_fault(null);
    try {
      const found = await post("/packets/inspect", body);
      set_answer(found);
      say(`${(verdicts[found.verdict] ?? [])[1] ?? found.verdict}.`);
    } catch (problem) {
      set_answer(null);
      set_fault(problem);
    }
  };
  const [tone, verdict, sentence] = answer ? verdicts[answer.verdict] ?? ["wait", answer.verdict, ""] : [];
  const { missing, ...fields } = answer?.fields ?? {};
  return html`
    <div class="title"><h1 tabindex="-1">Packet inspector</h1></div>
    <div class="two">
      <${Panel} title="Octets" id="octets">
        <form onSubmit=${submit}>
          <${Field} label="Hexadecimal; of a long message one part a line"><textarea class="mono" name="hex" rows="6" required spellcheck=${false} placeholder="00281516191212b00011…"></textarea><//>
          <div class="fields">
            <${Field} label="What it is">
              <select name="kind">${kinds.map(([value, text]) => html`<option value=${value}>${text}</option>`)}</select><//>
            <${Field} label="From">
              <select name="framing"><option value="sms">short message</option><option value="data">data channel</option><option value="data-without-identifier">data channel, identifier unchecked</option></select><//>
            ${may("keys") && html`<${Field} label="Card, whose keys open it">
              <input class="mono" name="card" pattern="[0-9]{18,20}" title="18 to 20 digits" autocomplete="off" /><//>`}
          </div>
          ${may("keys") ? html`<details><summary>Other keys</summary><div class="fields">${keys.map(([name, words]) => html`<${Field} label=${words}>
            <input class="mono" type=${name.endsWith("_key") ? "password" : "text"} name=${name} autocomplete="off" spellcheck=${false} /><//>`)}</div></details>`
            : html`<p class="soft small">To open a ciphered packet takes the role keys.</p>`}
          <div class="row"><button class="main">Inspect</button></div>
        </form>
      <//>
      <${Panel} title="Fields" id="fields">
        <${Fault} of=${fault} />
        ${answer && html`<div class="stack"><p class=${`note ${tone}`} role="status"><strong>${verdict}</strong>${sentence}${missing && ` ${missing}`}</p>
          <p>It is a <${Badge} is=${kind_names[answer.kind] ?? answer.kind} tone="accent" /></p><${Tree} of=${fields} names=${names} /></div>`}
        ${!answer && !fault && html`<p class="soft">The fields of the packet stand here, and whether its checksum holds.</p>`}
      <//>
    </div>`;
}
