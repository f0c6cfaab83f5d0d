#!/usr/bin/env node
// The command line: src/cli/main.ts in the repository, dist/cli/main.js in the published package. It is
// imported into this process when the running Node is new enough, else run with the Node that npm brought.

import { existsSync } from 'node:fs'
import nodeModule from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL, fileURLToPath } from 'node:url'
import { isNewEnough, run, stop } from './node-24.js'

const packageFolder = dirname(dirname(fileURLToPath(import.meta.url)))
const entry = [join('src', 'cli', 'main.ts'), join('dist', 'cli', 'main.js')]
  .map((path) => join(packageFolder, path))
  .find((path) => existsSync(path))

if (entry === undefined) {
  stop(`no command line in ${packageFolder}: this copy of Millrace is incomplete`)
} else if (isNewEnough()) {
  nodeModule.enableCompileCache(process.env.NODE_COMPILE_CACHE)
  await import(pathToFileURL(entry).href)
} else {
  run(entry, process.argv.slice(2))
}
