// The page of Weft.Host that shows the OpenAPI document: it works offline, and calls the server.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { startHost } from "../Weft.Conformance/lib/host.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const program = join(here, "../../src/Weft.Host/bin/Release/net10.0/Weft.Host.dll");

describe("the page at /docs", () => {
  let host;
  let browser;
  before(async () => {
    host = await startHost({ program });
    browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium" });
  });
  after(async () => {
    await browser?.close();
    await host?.stop();
  });

  test("shows the operations, and no request leaves the server", async () => {
    const page = await browser.newPage();
    const foreign = [];
    const problems = [];
    page.on("request", (request) => {
      const { protocol, origin } = new URL(request.url());
      if (!["data:", "blob:"].includes(protocol) && origin !== host.url) foreign.push(request.url());
    });
    page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
    page.on("pageerror", (error) => problems.push(String(error)));

    await page.goto(`${host.url}/docs`);
    await page.getByText("Create a run in the background").first().waitFor({ timeout: 60_000 });
    await page.waitForLoadState("networkidle");

    assert.deepEqual(foreign, []);
    assert.deepEqual(problems, []);
  });
});
