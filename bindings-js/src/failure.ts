/** The closed list of failures that the core knows, as far as a `fetch` can tell them apart. */
export type FailureKind =
  | "body_truncated" | "connect_refused" | "connect_timeout" | "decode_error" | "dns_not_found" | "dns_temporary"
  | "network_or_cors" | "other" | "read_timeout" | "reset_before_response" | "reset_in_body" | "tls_invalid"
  | "tls_other" | "too_large";

/** How far the exchange had come. */
export type Phase = "head" | "body";

const RESET = "reset";

/** Codes of Node and undici, of Bun and of Deno. */
const CODES: Record<string, FailureKind | typeof RESET> = {
  ENOTFOUND: "dns_not_found",
  EAI_AGAIN: "dns_temporary",
  EAI_FAIL: "dns_temporary",
  ECONNREFUSED: "connect_refused",
  EHOSTUNREACH: "connect_refused",
  ENETUNREACH: "connect_refused",
  ConnectionRefused: "connect_refused",
  FailedToOpenSocket: "connect_refused",
  ETIMEDOUT: "connect_timeout",
  UND_ERR_CONNECT_TIMEOUT: "connect_timeout",
  UND_ERR_HEADERS_TIMEOUT: "read_timeout",
  UND_ERR_BODY_TIMEOUT: "read_timeout",
  ECONNRESET: RESET,
  EPIPE: RESET,
  UND_ERR_SOCKET: RESET,
  ConnectionClosed: RESET,
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: "body_truncated",
  ShortRead: "body_truncated",
  UND_ERR_HEADERS_OVERFLOW: "too_large",
  HPE_HEADER_OVERFLOW: "too_large",
  Z_DATA_ERROR: "decode_error",
  Z_BUF_ERROR: "decode_error",
  ZlibError: "decode_error",
  CERT_HAS_EXPIRED: "tls_invalid",
  CERT_NOT_YET_VALID: "tls_invalid",
  CERT_REVOKED: "tls_invalid",
  CERT_UNTRUSTED: "tls_invalid",
  DEPTH_ZERO_SELF_SIGNED_CERT: "tls_invalid",
  ERR_TLS_CERT_ALTNAME_INVALID: "tls_invalid",
  SELF_SIGNED_CERT_IN_CHAIN: "tls_invalid",
  UNABLE_TO_GET_ISSUER_CERT: "tls_invalid",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "tls_invalid",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "tls_invalid",
  EPROTO: "tls_other",
};

/** Every error beneath one, itself first. */
function* causes(error: unknown): Generator<Record<string, unknown>> {
  for (let depth = 0; depth < 16 && typeof error === "object" && error !== null; depth++) {
    const found = error as Record<string, unknown>;
    yield found;
    if (Array.isArray(found.errors)) for (const one of found.errors) if (one instanceof Error) yield one as never;
    error = found.cause;
  }
}

/**
 * What went wrong on the network; null if it wasn't the network but the caller's own code. Nothing of a message is
 * kept: it may hold the URL.
 */
export function failureOf(error: unknown, phase: Phase, browser: boolean): { kind: FailureKind; detail: string } | null {
  for (const { code, message } of causes(error)) {
    if (typeof code !== "string" || !Object.hasOwn(CODES, code)) {
      if (typeof code === "string" && /^(ERR_SSL|ERR_TLS)_/.test(code)) return { kind: "tls_other", detail: code };
      if (typeof code === "string" && /^HPE_/.test(code)) return { kind: "other", detail: "the answer is not HTTP" };
      continue;
    }
    const kind = CODES[code] as FailureKind | typeof RESET;
    if (kind !== RESET) return { kind, detail: code };
    // undici has one code for a body that is cut and for a connection that breaks.
    const cut = phase === "body" && message === "other side closed";
    return { kind: cut ? "body_truncated" : phase === "body" ? "reset_in_body" : "reset_before_response", detail: code };
  }
  const is = (name: string) => error instanceof Error && error.name === name;
  if (is("TimeoutError")) return { kind: "read_timeout", detail: "" };
  if (phase === "body") return { kind: "reset_in_body", detail: "" };
  if (!(error instanceof TypeError)) return null;
  if (browser) return { kind: "network_or_cors", detail: "" };
  // Deno has no codes; everything else that a platform throws by itself says that the fetch failed.
  if (/tcp connect error|connection refused/i.test(error.message)) return { kind: "connect_refused", detail: "" };
  if (/dns error/i.test(error.message)) return { kind: "dns_not_found", detail: "" };
  if (/invalid peer certificate/i.test(error.message)) return { kind: "tls_invalid", detail: "" };
  if (/^fetch failed|error sending request|network connection lost|internal error/i.test(error.message)) {
    return { kind: "reset_before_response", detail: "" };
  }
  return null;
}
