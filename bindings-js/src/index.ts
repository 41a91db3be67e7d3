import { decode, provide } from "./core.js";
import { wasm } from "../generated/inline.js";

provide(() => decode(wasm));

export * from "./api.js";
