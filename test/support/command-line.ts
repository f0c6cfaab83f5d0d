import { spawn, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..', '..')

export interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** The command line as a process of its own, on one home. */
export interface CommandLine {
  run(args: string): Promise<Ended>
  /** As `run` with `--json`; the answer is read. Fails unless it ends with the code. */
  json<T>(args: string, code?: number): Promise<T>
  start(args: string): Started
}

export interface Started {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
  /** Resolves with the whole match as soon as the output (of both streams) has one. */
  says(pattern: RegExp): Promise<RegExpExecArray>
}

export function commandLineOn(
  home: string,
  settings: Readonly<Record<string, string>> = {},
): CommandLine {
  const env = {
    ...process.env,
    ...settings,
    MILLRACE_HOME: home,
    NO_COLOR: '1',
    MILLRACE_SLOTS: '2',
  }

  function start(args: string): Started {
    const child = spawn(process.execPath, [join(root, 'bin', 'millrace.js'), ...words(args)], {
      env,
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let out = ''
    let err = ''
    let listener = () => {}
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text
      listener()
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text
      listener()
    })
    const ended = new Promise<Ended>((resolve) =>
      child.once('close', (code) => resolve({ code, out, err })),
    )
    return {
      child,
      ended,
      async says(pattern) {
        for (;;) {
          const match = pattern.exec(out + err)
          if (match) return match
          const more = new Promise<'more'>((resolve) => (listener = () => resolve('more')))
          const end = await Promise.race([more, ended])
          if (end !== 'more')
            throw new Error(`it ended (${end.code}) without ${pattern}: ${out}${err}`)
        }
      },
    }
  }

  const run = (args: string) => start(args).ended
  return {
    start,
    run,
    async json<T>(args: string, code = 0) {
      const { code: found, out, err } = await run(`${args} --json`)
      if (found !== code) throw new Error(`millrace ${args} ended with ${found}: ${out}${err}`)
      return JSON.parse(out) as T
    },
  }
}

/** Words as a shell takes them: quotes hold one together. */
function words(args: string): string[] {
  return [...args.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, single, double, plain]) => single ?? double ?? plain ?? '',
  )
}
