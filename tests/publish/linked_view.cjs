// The page's own scripts outside a page: reads a head, a packed cube and choices, and prints what view.js answers. Run by test_linked.py.
"use strict";
const fs = require("node:fs");
const path = require("node:path");
const vm = require("node:vm");

const folder = process.argv[2];
const asked = JSON.parse(fs.readFileSync(0, "utf8"));
const context = vm.createContext({ atob, Blob, Response, DecompressionStream, Uint8Array, Float64Array, Promise });
vm.runInContext("var jsnakit = {};", context);
for (const name of ["words", "cube", "view"]) vm.runInContext(fs.readFileSync(path.join(folder, name + ".js"), "utf8"), context);
const jsnakit = context.jsnakit;

const texts = asked.numbers.map(([value, percent, decimals]) => jsnakit.words.number(value, percent, decimals));
const places = asked.places.map(([rank, of, ties]) => jsnakit.words.place(rank, of, ties));
jsnakit.cube.decode(asked.text, asked.head.cube, asked.head.indicators.map((i) => i[5])).then((cube) => {
  const view = new jsnakit.View(asked.head, cube);
  const plain = (numbers) => Array.from(numbers, (n) => (n === n ? n : null));
  const answers = asked.choices.map((choice) => {
    const p = view.periodOf(choice.indicator, choice.area, choice.period);
    return {
      period: p, sentence: view.sentence(choice), ranked: Array.from(view.ranked(choice, p)), counts: view.counts(choice, p).map((e) => [e.verdict, e.n, e.span]),
      intervals: view.hasIntervals(choice.indicator, p), inside: view.areas.map((area, a) => view.inside(choice, a, p)),
      verdicts: view.areas.map((area, a) => view.verdict(choice.indicator, p, a, choice.compare)),
    };
  });
  process.stdout.write(JSON.stringify({
    texts, places, answers, value: plain(cube.value), lower: plain(cube.lower), upper: plain(cube.upper), rank: plain(cube.rank), references: plain(cube.references),
    regions: plain(cube.regions), codes: Object.fromEntries(Object.entries(cube.codes).map(([name, plane]) => [name, Array.from(plane)])),
  }));
});
