// What all tests share: the server, the bundled pages and one Chromium. A test gets tabs of a profile of its own.
import { existsSync } from "node:fs";
import { chromium } from "playwright-core";
import { Client } from "@langchain/langgraph-sdk";
import { startHost } from "../../Weft.Conformance/lib/host.mjs";
import { servePages } from "./pages.mjs";

const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";

export async function startEnvironment(pageNames) {
  if (!existsSync(executablePath)) {
    throw new Error(`There is no Chromium at ${executablePath}: run eng/install-chromium, or set CHROMIUM to the path of another.`);
  }

  let host = await startHost();
  const pages = await servePages(pageNames);
  const browser = await chromium.launch({ executablePath });
  const api = new Client({ apiUrl: host.url, apiKey: null });
  return {
    api,

    /** A profile, as a person has one: its tabs share what pages store in it. */
    newProfile: () => browser.newContext(),

    addressOf: (address) => pages.addressOf({ api: host.url, ...address }),

    /** Kills the server. */
    crash: () => host.crash(),

    /** Starts the server again after a crash, at the same address and with the same data. */
    restart: async () => {
      host = await startHost({ address: host.url, folder: host.folder });
    },

    stop: async () => {
      await browser.close();
      pages.close();
      await host.stop();
    },
  };
}
