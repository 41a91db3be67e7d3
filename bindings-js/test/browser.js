// A headless browser and a server for its pages.
import { createReadStream, existsSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { chromium } from "playwright-core";

const TYPES = { ".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript", ".json": "application/json", ".wasm": "application/wasm", ".css": "text/css" };

/** Why no browser test can run here; false if they can. */
export const skip = process.env.EVERYPAGE_BROWSER ? false : "there is no browser";

export async function browser() {
  return chromium.launch({
    executablePath: await which(process.env.EVERYPAGE_BROWSER),
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
}

async function which(name) {
  if (name.includes("/")) return name;
  const found = process.env.PATH.split(":").map((folder) => join(folder, name)).find((path) => existsSync(path));
  return found ?? name;
}

/** Serves folders by the first part of the path. */
export async function serve(folders) {
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url, "http://x").pathname);
    const [, first, ...rest] = path.split("/");
    const file = folders[first] && join(folders[first], normalize(`/${rest.join("/")}`));
    if (!file || !existsSync(file) || !statSync(file).isFile()) return response.writeHead(404).end();
    response.writeHead(200, { "content-type": TYPES[extname(file)] ?? "text/plain", "cache-control": "no-store" });
    createReadStream(file).pipe(response);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
