// Serves the example's page and the package it uses. `node serve.mjs PACKAGE-FOLDER LEAD-SERVER-URL`
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join } from "node:path";

const [folder, leads] = process.argv.slice(2);
const types = { ".html": "text/html; charset=utf-8", ".js": "text/javascript" };

const server = createServer(async (request, response) => {
  const name = new URL(request.url, "http://x").pathname;
  const file = name.startsWith("/everypage/") ? join(folder, "dist", name.slice(11)) : join(new URL(".", import.meta.url).pathname, name);
  const body = name.includes("..") ? null : await readFile(file).catch(() => null);
  response.writeHead(body === null ? 404 : 200, { "content-type": types[extname(file)] ?? "text/plain" }).end(body);
});
server.listen(0, "127.0.0.1", () => {
  console.log(`http://127.0.0.1:${server.address().port}/index.html?server=${encodeURIComponent(leads)}`);
});
