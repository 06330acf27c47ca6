// SPDX-License-Identifier: MIT
// Write all dashboards and alert rules, to contrib: node generate.js [DIRECTORY]

import {mkdirSync, writeFileSync} from "node:fs";
import {dirname, join} from "node:path";
import {fileURLToPath} from "node:url";

import {outputs} from "./src/outputs.js";

const here = dirname(fileURLToPath(import.meta.url));
const to = process.argv[2] ?? join(here, "..");
for (const [path, text] of Object.entries(outputs())) {
  mkdirSync(dirname(join(to, path)), {recursive: true});
  writeFileSync(join(to, path), text);
  console.log(path);
}
