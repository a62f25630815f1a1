// npm `smpp` as SMSC and as ESME, driven from the command line.
//   peer.js smsc PORT              listens (0: any), prints the port, answers every submit_sm with a hexadecimal id;
//                                  a registered submit_sm gets a receipt with TLVs and text, its id in decimal; a
//                                  submit_sm of a command packet gets a proof of receipt as deliver_sm; destinations
//                                  ending in 58 are throttled once, in 45 refused with 0x45
//   peer.js esme PORT COUNT        submits COUNT messages, prints one JSON line of what it saw, also of deliver_sm
//   peer.js bench PORT WINDOW SECONDS   prints submits per second and CPU microseconds per submit
'use strict';
const smpp = require('smpp');

const [, , what, ...rest] = process.argv;

function smsc(port) {
  let id = 0;
  const throttled = new Set();
  const server = smpp.createServer((session) => {
    session.on('error', () => {});
    for (const bind of ['bind_transceiver', 'bind_transmitter', 'bind_receiver']) {
      session.on(bind, (pdu) => {
        const status = pdu.password === 'wrong' ? smpp.ESME_RINVPASWD : 0;
        session.send(pdu.response({ command_status: status, system_id: 'npm' }));
      });
    }
    session.on('enquire_link', (pdu) => session.send(pdu.response()));
    session.on('unbind', (pdu) => {
      session.send(pdu.response());
      session.close();
    });
    session.on('submit_sm', (pdu) => {
      const to = pdu.destination_addr;
      if (to.endsWith('58') && !throttled.has(to)) {
        throttled.add(to);
        session.send(pdu.response({ command_status: smpp.ESME_RTHROTTLED }));
        return;
      }
      if (to.endsWith('45')) {
        session.send(pdu.response({ command_status: smpp.ESME_RSUBMITFAIL }));
        return;
      }
      const number = ++id;
      session.send(pdu.response({ message_id: number.toString(16).padStart(8, '0') }));
      if (to.endsWith('00')) return;  // the benchmark wants no receipts
      const back = { source_addr: to, destination_addr: pdu.source_addr };
      if (pdu.registered_delivery & 1) {
        session.send(new smpp.PDU('deliver_sm', {
          ...back, esm_class: 4,
          receipted_message_id: number.toString(10), message_state: 2,
          short_message: `id:${number} sub:001 dlvrd:001 submit date:2611221200 done date:2611221201 stat:DELIVRD err:000 text:`,
        }));
      }
      if (pdu.esm_class & 0x40) {
        session.send(new smpp.PDU('deliver_sm', {
          ...back, esm_class: 0x40, protocol_id: 0x7f, data_coding: 0xf6,
          short_message: { udh: Buffer.from('027100', 'hex'), message: Buffer.from('000b0ab0001000000000010000', 'hex') },
        }));
      }
    });
  });
  server.listen(port, '127.0.0.1', () => console.log(server.address().port));
}

function bind(port, then) {
  const session = smpp.connect({ url: `smpp://127.0.0.1:${port}`, auto_enquire_link_period: 30000 }, () => {
    session.bind_transceiver({ system_id: 'npm', password: 'npm' }, (pdu) => {
      if (pdu.command_status !== 0) {
        console.log(JSON.stringify({ bind: pdu.command_status }));
        process.exit(1);
      }
      then(session);
    });
  });
  session.on('error', (error) => {
    console.log(JSON.stringify({ error: String(error) }));
    process.exit(1);
  });
}

const segment = Buffer.concat([Buffer.from([0x70, 0x00]), Buffer.alloc(135, 0xa5)]);

function fields(i) {
  return {
    source_addr: '1234', destination_addr: `49151${String(i).padStart(6, '0')}00`, esm_class: 0x40, protocol_id: 0x7f,
    data_coding: 0xf6, registered_delivery: 1,
    short_message: { udh: Buffer.from([0x02, 0x70, 0x00]), message: segment },
  };
}

function esme(port, count) {
  bind(port, (session) => {
    const seen = { accepted: 0, refused: 0, ids: [], delivered: [] };
    session.on('deliver_sm', (pdu) => {
      seen.delivered.push({ esm_class: pdu.esm_class, id: pdu.receipted_message_id, state: pdu.message_state,
        source: pdu.source_addr });
      session.send(pdu.response());
    });
    session.on('enquire_link', (pdu) => session.send(pdu.response()));
    let left = count;
    for (let i = 0; i < count; ++i) {
      session.submit_sm(fields(i), (pdu) => {
        if (pdu.command_status === 0) {
          seen.accepted++;
          seen.ids.push(pdu.message_id);
        } else {
          seen.refused++;
        }
        if (--left === 0) setTimeout(() => session.unbind(() => {
          console.log(JSON.stringify(seen));
          process.exit(0);
        }), 200);
      });
    }
  });
}

function bench(port, window, seconds) {
  bind(port, (session) => {
    let done = 0;
    let running = true;
    const next = () => {
      session.submit_sm(fields(done), () => {
        done++;
        if (running) next();
      });
    };
    const began = process.hrtime.bigint();
    const cpu = process.cpuUsage();
    for (let i = 0; i < window; ++i) next();
    setTimeout(() => {
      running = false;
      const used = process.cpuUsage(cpu);
      const took = Number(process.hrtime.bigint() - began) / 1e9;
      console.log(`${done / took} ${(used.user + used.system) / done}`);
      process.exit(0);
    }, seconds * 1000);
  });
}

if (what === 'smsc') smsc(Number(rest[0]));
else if (what === 'esme') esme(Number(rest[0]), Number(rest[1]));
else if (what === 'bench') bench(Number(rest[0]), Number(rest[1]), Number(rest[2]));
else process.exit(2);
