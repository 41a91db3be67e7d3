import { provide } from "./core.js";
// Workers compile modules when they are deployed, and never at run time.
import module from "../generated/core_bg.wasm";

provide(() => module);

export * from "./api.js";
