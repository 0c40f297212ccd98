// The page of samples/ReactChat, installed and built as its README says.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, before, describe, test } from "node:test";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { startHost } from "../Weft.Conformance/lib/host.mjs";

const sample = join(dirname(fileURLToPath(import.meta.url)), "../../samples/ReactChat");
const program = join(sample, "bin/Release/net10.0/ReactChat.dll");
const installLimit = 180_000;

describe("samples/ReactChat", () => {
  let host;
  let browser;
  before(async () => {
    const npm = (...words) => execFileSync("npm", words, { cwd: join(sample, "page"), timeout: installLimit, stdio: "pipe" });
    npm("install", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error");
    npm("run", "build");
    host = await startHost({ program, switches: ["--contentRoot", sample] });
    browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium" });
  });
  after(async () => {
    await browser?.close();
    await host?.stop();
  });

  test("streams an answer, asks before it pays, and asks again after a reload", async () => {
    const page = await browser.newPage();
    const problems = [];
    page.on("pageerror", (error) => problems.push(String(error)));
    const send = async (text) => {
      await page.getByLabel("Message").fill(text);
      await page.getByRole("button", { name: "Send" }).click();
    };

    await page.goto(host.url);
    await send("Hello.");
    await page.getByText("You said: Hello. I can pay Ann.").waitFor();
    await send("Pay Ann 20 euros.");
    await page.getByText("May I pay Ann 20 euros?").waitFor();
    await page.reload();
    await page.getByRole("button", { name: "Approve" }).click();
    await page.getByText("Paid 20 euros to Ann.").waitFor();

    assert.deepEqual(await page.locator("li").allTextContents(), [
      "Hello.", "You said: Hello. I can pay Ann.", "Pay Ann 20 euros.", "Paid 20 euros to Ann.",
    ]);
    assert.deepEqual(problems, []);
  });
});
