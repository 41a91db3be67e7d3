// Replays one vector against the core. Knows no host: Node and the browser run the same lines.

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
/** Header values are bytes, one character each. */
const latin = (text) => String.fromCharCode(...encoder.encode(text));
const lines = (headers) => headers.map(([name, value]) => `${name}: ${latin(value)}\n`).join("");
const bytes = ({ body, body_base64 }) =>
  body_base64 == null ? encoder.encode(body ?? "") : Uint8Array.from(atob(body_base64), (char) => char.charCodeAt(0));

function open(core, vector) {
  const json = (value) => (value == null ? undefined : JSON.stringify(value));
  const source = new core.Source(json(vector.source), json(vector.vars ?? {}), json(vector.auth), () => undefined);
  const from = vector.checkpoint == null ? undefined : new core.Checkpoint(vector.checkpoint);
  const { tick, unix } = vector.start;
  return new core.Machine(source, new core.Budget(), from, BigInt(vector.seed), tick, unix ?? undefined);
}

/** A step in the words of the format. */
function seen(step) {
  if ("json" in step) {
    const records = [];
    for (let at = 0; at < step.spans.length; at += 2) {
      records.push(decoder.decode(step.json.subarray(step.spans[at], step.spans[at + 1])));
    }
    return { deliver: { page: step.page, number: step.number, records } };
  }
  if ("finish" in step) return { finish: { ...JSON.parse(step.finish), version: "VERSION" } };
  if ("send" in step) delete step.send.body_limit;
  return step;
}

/** JSON with members in one order. */
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  return `{${Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join()}}`;
}

function play(vector, machine, step) {
  const { at, ...what } = step;
  const unix = vector.start.unix == null ? undefined : vector.start.unix + (at - vector.start.tick);
  const [[name, value]] = Object.entries(what);
  switch (name) {
    case "response": {
      const body = bytes(value);
      // In two parts, as it may come from the wire.
      const parts = [body.slice(0, body.length >> 1), body.slice(body.length >> 1)];
      const { ticket, status, headers, url, headers_hidden } = value;
      return machine.respond(ticket, status, lines(headers), parts, body.length, url ?? undefined, headers_hidden ?? false, at, unix);
    }
    case "failure":
      return machine.failRequest(value.ticket, value.kind, "", at, unix);
    case "acknowledge":
      return machine.acknowledge(value);
    case "credentials":
      return machine.credentials(value.generation, value.auth == null ? undefined : JSON.stringify(value.auth), at, unix);
    case "stop":
      return machine.stop();
    default: {
      const found = name === "checkpoint" ? { checkpoint: machine.checkpoint() } : seen(machine.poll(at, unix));
      if (canonical(found) !== canonical(what)) throw new Error(`expected ${canonical(what)}\nfound    ${canonical(found)}`);
    }
  }
}

/** Throws at the first step that comes out otherwise. */
export function replay(core, vector) {
  const machine = open(core, vector);
  if (vector.steps.length === 0) throw new Error("a vector without steps");
  vector.steps.forEach((step, index) => {
    try {
      play(vector, machine, step);
    } catch (error) {
      throw new Error(`${vector.name}: step ${index + 1} (tick ${step.at}): ${error.advice ?? error.message}`);
    }
  });
  machine.free();
}

/** How many there are, by the table that is written with them. */
export const written = (readme) => Number(/^(\d+) vectors:$/m.exec(readme)?.[1]);
