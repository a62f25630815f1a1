// The real program with its sandbox: gateway, SMSC and cards, and the console that the tests look at.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import assert from "node:assert/strict";

/// Starts `otagw sandbox --console ..` and waits until its own run is over and it stays: {url, link, token, paste, iccid, stop()}.
export async function open_sandbox(args, patience_ms = 240000) {
  const program = process.env.OTAGW_PROGRAM;
  assert.ok(program, "OTAGW_PROGRAM names the program");
  const child = spawn(program, ["sandbox", "--console", "--quiet", ...args], { stdio: ["ignore", "pipe", "pipe"] });
  const said = [];
  child.stderr.on("data", (text) => said.push(String(text)));
  const ended = new Promise((go) => child.on("exit", (code) => go(code)));
  const stays = new Promise((go, fail) => {
    setTimeout(() => fail(new Error(`the sandbox did not come to rest:\n${said.join("")}`)), patience_ms).unref();
    ended.then((code) => fail(new Error(`the sandbox ended with ${code}:\n${said.join("")}`)));
    createInterface({ input: child.stdout }).on("line", (line) => {
      said.push(`${line}\n`);
      if (line.startsWith("It goes on")) go();
    });
  });
  try {
    await stays;
  } catch (fault) {
    child.kill("SIGTERM");
    throw fault;
  }
  const text = said.join("");
  const link = /Console: (\S+)/.exec(text)[1];
  return {
    link, url: link.split("#")[0], token: link.split("#token=")[1], paste: /\n {2}(curl [\s\S]*?)\nand see/.exec(text)?.[1] ?? "",
    to_card: /see it arrive: (\S+)/.exec(text)?.[1], iccid: /&to=\/cards\/(\d+)/.exec(text)?.[1], said,
    stop: () => { child.kill("SIGTERM"); return ended; },
  };
}
