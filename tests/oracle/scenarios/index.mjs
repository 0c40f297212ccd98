// The scenarios that are recorded whole, by theme: a folder of recordings each.
import { channels } from "./channels.mjs";
import { control } from "./control.mjs";
import { events } from "./events.mjs";
import { interrupts } from "./interrupts.mjs";
import { mixed } from "./mixed.mjs";
import { store } from "./store.mjs";
import { subgraphs } from "./subgraphs.mjs";
import { travel } from "./travel.mjs";
import { workflows } from "./workflows.mjs";

export const themes = { subgraphs, control, channels, interrupts, travel, workflows, store, mixed, events };
