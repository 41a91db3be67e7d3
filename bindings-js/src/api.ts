export { Budget } from "./budget.js";
export { EverypageError } from "./errors.js";
export type { Trouble } from "./errors.js";
export { Page } from "./page.js";
export type { Numbers } from "./page.js";
export { StoredCheckpoint } from "./sink.js";
export type { Opened, Save, Sink, SinkMark, SinkTools } from "./sink.js";
export type {
  Alarm, Auth, Check, Clock, Fault, Progress, Report, SourceDocument, Verdict, WalkError,
} from "./types.js";
export { Walk, walk } from "./walk.js";
export type { Options } from "./walk.js";
