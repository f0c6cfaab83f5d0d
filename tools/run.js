// node tools/run.js <script.ts> [argument…]: runs a TypeScript file on Node 24, whatever `node` is.

import { run } from '../bin/node-24.js'

run(process.argv[2], process.argv.slice(3))
