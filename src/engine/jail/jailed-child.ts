import { fork, type ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { chmod, mkdir } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

import { JAIL_SCRIPT } from '#engine/jail/jail-script.ts'

/** Where a jailed process finds the files that it reads, and where it writes. */
export const JAIL_IN = '/jail/in'
export const JAIL_OUT = '/jail/out'

/** Nobody's number on every Linux. */
const NOBODY = '65534'

export interface JailedChild {
  readonly child: ChildProcess
  /** The process inside: its own number outside of the jail; undefined until it is there. */
  workerPid(): number | undefined
  /** What is put here is seen at `JAIL_IN`; what comes out at `JAIL_OUT` is here. */
  readonly inFolder: string
  readonly outFolder: string
}

/** Starts a reader's child in a jail of its own below `folder`, which is made. Linux only. */
export async function startJailedChild(
  folder: string,
  { fileBytesMax }: { readonly fileBytesMax: number },
): Promise<JailedChild> {
  const entry = fileURLToPath(new URL(`../readers/child${EXTENSION}`, import.meta.url))
  const places = await makePlaces(folder)
  const { args, env } = jailCommand(places, fileBytesMax, sharedPaths(entry))
  const child = fork(entry, {
    execPath: 'unshare',
    execArgv: [...args, process.execPath],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: { NODE_NO_WARNINGS: '1', TZ: 'UTC', LANG: 'C.UTF-8', ...env },
  })
  let worker: number | undefined
  const { inFolder, outFolder } = places
  return { child, workerPid: () => (worker ??= childOf(child.pid)), inFolder, outFolder }
}

interface JailPlaces {
  readonly root: string
  readonly inFolder: string
  readonly outFolder: string
}

/** The folders of one jail, seen by the process inside only: the folder above is the server's own. */
export async function makePlaces(folder: string): Promise<JailPlaces> {
  const places = {
    root: join(folder, 'root'),
    inFolder: join(folder, 'in'),
    outFolder: join(folder, 'out'),
  }
  for (const path of Object.values(places)) await mkdir(path, { recursive: true })
  await chmod(places.inFolder, 0o755)
  await chmod(places.outFolder, isRoot() ? 0o777 : 0o700)
  return places
}

/** Arguments of `unshare`, to which the program is added, and what its environment needs. */
export function jailCommand(
  { root, inFolder, outFolder }: JailPlaces,
  fileBytesMax: number,
  shared: readonly string[],
): { readonly args: readonly string[]; readonly env: Readonly<Record<string, string>> } {
  return {
    args: [
      ...(isRoot() ? [] : ['--user', '--map-root-user']),
      '--mount',
      '--net',
      '--pid',
      '--ipc',
      '--uts',
      '--fork',
      '--kill-child',
      '--',
      '/bin/sh',
      '-c',
      JAIL_SCRIPT,
      'jail',
      root,
      inFolder,
      outFolder,
      String(fileBytesMax),
      '--share',
      ...shared,
      '--',
    ],
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', ...(isRoot() && { JAIL_UID: NOBODY }) },
  }
}

function isRoot(): boolean {
  return process.getuid?.() === 0
}

/** Code and libraries that the child runs, and nothing else of this machine. */
function sharedPaths(entry: string): string[] {
  const code = dirname(dirname(dirname(entry)))
  const library = fileURLToPath(import.meta.resolve('@duckdb/node-api'))
  const [before = ''] = library.split(`${sep}node_modules${sep}`)
  const modules = join(before, 'node_modules')
  const paths = ['/usr', modules, code, join(dirname(code), 'package.json'), process.execPath]
  return paths.filter((path) => !paths.some((other) => path.startsWith(`${other}${sep}`)))
}

function childOf(pid: number | undefined): number | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    const [first] = text.trim().split(' ')
    return first ? Number(first) : undefined
  } catch {
    return undefined
  }
}

/** `.ts` in the repository, `.js` in the published package. */
const EXTENSION = import.meta.url.slice(import.meta.url.lastIndexOf('.'))
