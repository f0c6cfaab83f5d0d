import { accessSync, constants, readFileSync, statSync } from 'node:fs'

/** What a process finds around itself, told by itself. */
export interface JailFacts {
  readonly userId: number
  /** Effective and bounding capabilities, hexadecimal. */
  readonly capabilities: readonly string[]
  readonly noNewPrivileges: boolean
  /** Network interfaces but the loopback. */
  readonly interfaces: readonly string[]
  /** Processes that it sees, itself included. */
  readonly processes: number
  /** Of the paths that were asked about, those that are there, and those that it may write to. */
  readonly present: readonly string[]
  readonly writable: readonly string[]
}

export function jailFacts(paths: readonly string[], processIds: readonly string[]): JailFacts {
  const status = readFileSync('/proc/self/status', 'utf8')
  const field = (name: string) => new RegExp(`^${name}:\\s*(\\S+)`, 'm').exec(status)?.[1] ?? ''
  const interfaces = readFileSync('/proc/self/net/dev', 'utf8')
    .split('\n')
    .slice(2)
    .map((line) => line.split(':')[0]?.trim() ?? '')
  return {
    userId: process.getuid?.() ?? 0,
    capabilities: [field('CapEff'), field('CapBnd')],
    noNewPrivileges: field('NoNewPrivs') === '1',
    interfaces: interfaces.filter((name) => name !== '' && name !== 'lo'),
    processes: processIds.filter((name) => /^\d+$/.test(name)).length,
    present: paths.filter((path) => statSync(path, { throwIfNoEntry: false }) !== undefined),
    writable: paths.filter(mayWrite),
  }
}

function mayWrite(path: string): boolean {
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}

/** What makes it no jail, as the end of a sentence; null: it is one. */
export function jailProblem(
  { capabilities, noNewPrivileges, interfaces, processes, present, writable, userId }: JailFacts,
  {
    mustHide,
    mustNotWrite,
    serverIsRoot,
  }: {
    readonly mustHide: readonly string[]
    readonly mustNotWrite: readonly string[]
    readonly serverIsRoot: boolean
  },
): string | null {
  const shown = present.find((path) => mustHide.includes(path))
  if (shown !== undefined) return `${shown} is seen from inside of it`
  const open = writable.find((path) => mustNotWrite.includes(path))
  if (open !== undefined) return `${open} can be written to from inside of it`
  if (capabilities.some((set) => !/^0*$/.test(set))) return 'its process keeps capabilities'
  if (!noNewPrivileges) return 'its process could gain privileges'
  if (interfaces.length > 0) return `it has the network interface ${interfaces.join(', ')}`
  if (processes !== 1) return 'it sees processes of others'
  if (serverIsRoot && userId === 0) return 'its process is root'
  return null
}
