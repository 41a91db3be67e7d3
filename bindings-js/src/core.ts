import * as glue from "../generated/core.js";

let loader: (() => BufferSource | WebAssembly.Module) | null = null;
let ready = false;

/** Says where the module comes from when it is first needed. @internal */
export function provide(load: () => BufferSource | WebAssembly.Module): void {
  loader ??= load;
}

/** The core. It loads itself on first use; that takes a few milliseconds, once. @internal */
export function core(): typeof glue {
  if (!ready) {
    if (loader === null) throw new Error("everypage/slim: call `await init(…)` with the module first");
    glue.initSync({ module: loader() });
    ready = true;
  }
  return glue;
}

/** Loads the core from its file, for those who serve it themselves. */
export async function init(module: WebAssembly.Module | BufferSource | Response | URL | string): Promise<void> {
  if (ready) return;
  await glue.default({ module_or_path: module });
  ready = true;
}

/** Base64 to bytes, by the fastest way there is. @internal */
export function decode(text: string): Uint8Array<ArrayBuffer> {
  const native = Uint8Array as unknown as { fromBase64?: (text: string) => Uint8Array<ArrayBuffer> };
  if (native.fromBase64) return native.fromBase64(text);
  const { Buffer } = globalThis as { Buffer?: { from(text: string, coding: string): Uint8Array<ArrayBuffer> } };
  if (Buffer) return Buffer.from(text, "base64");
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < bytes.length; at++) bytes[at] = binary.charCodeAt(at);
  return bytes;
}
