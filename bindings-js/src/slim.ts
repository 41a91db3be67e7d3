export { init } from "./core.js";
export * from "./api.js";
